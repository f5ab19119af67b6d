using Gatehouse.Testing;

namespace Gatehouse.Client.Tests;

/// <summary>A CA and clients of the documented OpenSSL steps, made once for a class of tests.</summary>
public sealed class OpenSslPairs : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();

    public OpenSsl.Pair First { get; private set; } = null!;
    public OpenSsl.Pair Second { get; private set; } = null!;
    public OpenSsl.Pair Expired { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var openssl = new OpenSsl(_folder.Path);
        var ca = await openssl.CreateCaAsync();
        First = await openssl.CreateClientAsync(ca, "first");
        Second = await openssl.CreateClientAsync(ca, "second");
        Expired = await openssl.CreateExpiredClientAsync(ca);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
