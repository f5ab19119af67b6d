using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenTheCertificateIsReplaced : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly IssuedCertificate _ca = CertificateIssuer.CreateCa("/CN=Fake CA", 10, KeyKind.EcP256, TimeProvider.System.GetUtcNow());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task New_connections_show_the_new_one_and_a_running_task_goes_on()
    {
        using var server = ServerCertificate();
        await using var manager = await FakeManager.StartAsync(server);
        var first = WriteClient("first");
        await using var it = DelegateProcess.Start(manager.Url, MtlsEnvironment());
        await Eventually.TrueAsync($"the stream is open\n{it.Output}", () => Task.FromResult(manager.StreamIsOpen));
        await it.WaitForOutputAsync($"serial {first}");
        Assert.Equal([first, first], manager.Serials);
        var gate = _folder.File("go");
        var task = await manager.RunScriptAsync("t1", $"echo started; while [ ! -e {gate} ]; do sleep 0.02; done; echo finished");
        await Eventually.TrueAsync("it has started", () => Task.FromResult(task.Output.Length > 0));

        File.WriteAllText(_folder.File("client.crt"), "half written");
        await it.WaitForOutputAsync("stays in use");
        var refused = (await it.HealthAsync()).Body.GetProperty("certificates");
        Assert.Equal((first, false, "refused"), (SerialOf(refused, "inUse"), refused.GetProperty("onDiskIsInUse").GetBoolean(), refused.GetProperty("lastReload").GetProperty("result").GetString()));
        Assert.Contains("cannot be used", refused.GetProperty("lastReload").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, refused.GetProperty("onDisk").ValueKind);
        var second = WriteClient("second");
        await it.WaitForOutputAsync($"The client certificate was replaced: subject “CN=second”, serial {second}");
        await Eventually.TrueAsync("the stream shows the new one", () => Task.FromResult(manager.Serials.Last() == second));
        File.WriteAllText(gate, "");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
        Assert.Equal("started\nfinished\n", task.Output);
        var taken = (await it.HealthAsync()).Body.GetProperty("certificates");
        Assert.Equal((second, second, "loaded", 1), (SerialOf(taken, "inUse"), SerialOf(taken, "onDisk"), taken.GetProperty("lastReload").GetProperty("result").GetString(), taken.GetProperty("serverRoots").GetInt32()));
        var metrics = await it.MetricsAsync();
        Assert.Contains("reload_total{delegate_name=\"tester\",result=\"loaded\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("reload_total{delegate_name=\"tester\",result=\"refused\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("cert_not_after{delegate_name=\"tester\"} ", metrics, StringComparison.Ordinal);
        Assert.Contains("cert_on_disk_in_use{delegate_name=\"tester\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains($"state=\"in_use\",serial=\"{second}\"", metrics, StringComparison.Ordinal);
        Assert.Contains("last_reload_timestamp{delegate_name=\"tester\",result=\"loaded\"} ", metrics, StringComparison.Ordinal);
        Assert.EndsWith("# EOF\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_an_unknown_issuer_is_not_believed_and_the_way_out_is_said()
    {
        using var server = ServerCertificate();
        await using var manager = await FakeManager.StartAsync(server);
        await using var it = DelegateProcess.Start(manager.Url);
        await it.WaitForOutputAsync("is not trusted");
        Assert.Contains("Put the root certificate “CN=Fake CA” as a PEM or DER file into", it.Output, StringComparison.Ordinal);
        Assert.Empty(manager.Credentials);
    }

    private static string? SerialOf(System.Text.Json.JsonElement certificates, string which) => certificates.GetProperty(which).GetProperty("serialNumber").GetString();

    private Dictionary<string, string?> MtlsEnvironment()
    {
        Directory.CreateDirectory(_folder.File("roots"));
        File.WriteAllText(_folder.File("roots/ca.crt"), _ca.CertificatePem);
        return new()
        {
            ["DELEGATE_CA_BUNDLE_DIR"] = _folder.File("roots"),
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = _folder.File("client.crt"),
            ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = _folder.File("client.key"),
        };
    }

    private string WriteClient(string name)
    {
        var issued = CertificateIssuer.CreateClient(_ca.CertificatePem, _ca.PrivateKeyPem, $"/CN={name}", null, 5, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        File.WriteAllText(_folder.File("client.key"), issued.PrivateKeyPem);
        File.WriteAllText(_folder.File("client.crt"), issued.CertificatePem);
        using var certificate = X509Certificate2.CreateFromPem(issued.CertificatePem);
        return certificate.SerialNumber;
    }

    private X509Certificate2 ServerCertificate()
    {
        var issued = CertificateIssuer.CreateServer(_ca.CertificatePem, _ca.PrivateKeyPem, ["localhost"], 5, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        using var pem = X509Certificate2.CreateFromPem(issued.CertificatePem, issued.PrivateKeyPem);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
