using Gatehouse.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Client.Tests;

public sealed class ClientIdentityTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly TestPki _pki = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_symlink_swap_as_of_kubernetes_is_seen()
    {
        Directory.CreateDirectory(_folder.File("v1"));
        Directory.CreateDirectory(_folder.File("v2"));
        Write("v1", "one");
        Write("v2", "two");
        Directory.CreateSymbolicLink(_folder.File("..data"), "v1");
        File.CreateSymbolicLink(_folder.File("client.crt"), "..data/client.crt");
        File.CreateSymbolicLink(_folder.File("client.key"), "..data/client.key");
        var identity = ClientIdentity.Load(_folder.File("client.crt"), _folder.File("client.key"), _time);
        Assert.Equal("CN=one", identity.Current.Facts.Subject);
        Assert.False(identity.Check());

        Directory.Delete(_folder.File("..data"));
        Directory.CreateSymbolicLink(_folder.File("..data"), "v2");
        Assert.True(identity.Check());
        Assert.Equal(("CN=two", 2, 1), (identity.Current.Facts.Subject, identity.Current.Generation, identity.Reloads));
    }

    [Fact]
    public void Half_a_rotation_keeps_the_last_good_pair_and_is_told_once()
    {
        var identity = TestPki.Load(_folder, _pki.Client("one"), _time);
        var failures = new List<string>();
        identity.Failed += failures.Add;
        var next = _pki.Client("two");
        File.WriteAllText(_folder.File("client.crt"), next.CertificatePem);
        Assert.False(identity.Check());
        Assert.False(identity.Check());
        Assert.Equal("CN=one", identity.Current.Facts.Subject);
        Assert.Contains($"The certificate with serial {identity.Current.Facts.SerialNumber} stays in use.", Assert.Single(failures), StringComparison.Ordinal);
        File.Delete(_folder.File("client.key"));
        Assert.False(identity.Check());
        Assert.Equal(2, failures.Count);
        File.WriteAllText(_folder.File("client.key"), next.PrivateKeyPem);
        Assert.True(identity.Check());
        Assert.Equal((1, 2), (identity.Reloads, identity.FailedReloads));
        Assert.DoesNotContain("PRIVATE KEY", string.Concat(failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_watch_looks_every_two_seconds_and_tells()
    {
        var identity = TestPki.Load(_folder, _pki.Client("one"), _time);
        var replaced = new TaskCompletionSource<ConnectionMaterial>();
        identity.Replaced += next => replaced.TrySetResult(next);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watching = identity.WatchAsync(end.Token);
        TestPki.Write(_folder, _pki.Client("two"));
        await Eventually.TrueAsync("the new pair is in use", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            return Task.FromResult(replaced.Task.IsCompleted);
        });
        Assert.Equal("CN=two", (await replaced.Task).Identity!.Facts.Subject);
        await end.CancelAsync();
        await watching;
    }

    [Theory]
    [InlineData("missing", "cannot be read")]
    [InlineData("folder", "is a folder. With Docker that happens")]
    [InlineData("huge", "larger than 1 MiB")]
    [InlineData("text", "cannot be used")]
    public void A_file_that_will_not_do_is_named(string what, string sentence)
    {
        TestPki.Write(_folder, _pki.Client());
        var path = _folder.File("client.crt");
        File.Delete(path);
        if (what == "folder")
            Directory.CreateDirectory(path);
        else if (what != "missing")
            File.WriteAllText(path, what == "huge" ? new string('x', 2_000_000) : "hello");
        var failure = Assert.Throws<ClientIdentityException>(() => ClientIdentity.Load(path, _folder.File("client.key"), _time));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_gateway_would_refuse_is_named()
    {
        var good = TestPki.Load(_folder, _pki.Client(), _time);
        Assert.Contains("expires at", Assert.Single(good.Current.Warnings(_time.GetUtcNow())), StringComparison.Ordinal);
        Assert.Contains("expired at", Assert.Single(good.Current.Warnings(_time.GetUtcNow().AddDays(6))), StringComparison.Ordinal);
        Assert.Contains(good.Current.Warnings(_time.GetUtcNow().AddDays(-6)), warning => warning.Contains("not valid before", StringComparison.Ordinal));
        var strayed = TestPki.Load(_folder, _pki.Client(), _time, _pki.Client("no issuer").CertificatePem);
        Assert.Contains(strayed.Current.Warnings(_time.GetUtcNow()), warning => warning.Contains("its issuer is “CN=Test Root”", StringComparison.Ordinal));
        var forServers = TestPki.Load(_folder, _pki.Server("x"), _time);
        Assert.Contains(forServers.Current.Warnings(_time.GetUtcNow()), warning => warning.Contains("lacks clientAuth", StringComparison.Ordinal));
    }

    private void Write(string folder, string name)
    {
        var issued = _pki.Client(name);
        File.WriteAllText(_folder.File($"{folder}/client.crt"), issued.CertificatePem);
        File.WriteAllText(_folder.File($"{folder}/client.key"), issued.PrivateKeyPem);
    }
}
