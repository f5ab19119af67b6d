using Gatehouse.Testing;

[assembly: AssemblyFixture(typeof(Gatehouse.Gateway.Tests.RecipePki))]

namespace Gatehouse.Gateway.Tests;

/// <summary>Certificates by the documented recipe, made once for all tests: RSA keys take their time. Nobody changes them.</summary>
public sealed class RecipePki : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public OpenSsl.Pair Ca { get; private set; } = null!;
    public OpenSsl.Pair Client { get; private set; } = null!;

    /// <summary>The recipe run again: the same subject, another key, no key identifiers in the leaf.</summary>
    public OpenSsl.Pair OtherCa { get; private set; } = null!;
    public OpenSsl.Pair OtherClient { get; private set; } = null!;

    public OpenSsl.Pair NewCa { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var openSsl = new OpenSsl(_directory.Path);
        Ca = await openSsl.CreateCaAsync();
        Client = await openSsl.CreateClientAsync(Ca);
        OtherCa = await openSsl.CreateCaAsync("other-ca");
        OtherClient = await openSsl.CreateClientAsync(OtherCa, "other-client");
        NewCa = await openSsl.CreateCaAsync("new-ca", "/CN=New CA");
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
