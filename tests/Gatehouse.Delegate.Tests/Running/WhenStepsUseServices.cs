using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Pki;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

/// <summary>What a step finds in its environment and its folder, with openssl as the one that reads the files.</summary>
public sealed class WhenStepsUseServices : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private readonly IssuedCertificate _ca = CertificateIssuer.CreateCa("/CN=Fake CA", 10, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
    private X509Certificate2 _server = null!;
    private FakeManager _manager = null!;
    private DelegateProcess _delegate = null!;

    public async ValueTask InitializeAsync()
    {
        var issued = CertificateIssuer.CreateServer(_ca.CertificatePem, _ca.PrivateKeyPem, ["localhost"], 5, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        using var pem = X509Certificate2.CreateFromPem(issued.CertificatePem, issued.PrivateKeyPem);
        _server = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        _manager = await FakeManager.StartAsync(_server);
        Directory.CreateDirectory(_folder.File("roots"));
        File.WriteAllText(_folder.File("roots/ca.crt"), _ca.CertificatePem);
        await WriteClientAsync("first");
        _delegate = DelegateProcess.Start(_manager.Url, new()
        {
            ["DELEGATE_CA_BUNDLE_DIR"] = _folder.File("roots"),
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = _folder.File("client.crt"),
            ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = _folder.File("client.key"),
            ["HARNESS_TI_SERVICE_ENDPOINT"] = "https://left.over",
            ["HARNESS_LOG_SERVICE_TOKEN"] = "left over",
        });
        await Eventually.TrueAsync($"the stream is open\n{_delegate.Output}", () => Task.FromResult(_manager.StreamIsOpen));
    }

    public async ValueTask DisposeAsync()
    {
        await _delegate.DisposeAsync();
        await _manager.DisposeAsync();
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Certificate_and_key_are_files_for_the_step_alone_and_follow_a_rotation()
    {
        var go = _folder.File("go");
        var task = await RunAsync("t1", "SHELL_SCRIPT", Told(), $$"""
            cd $HARNESS_MTLS_CERTS_DIR && stat -c '%a %n' . *
            openssl x509 -in client.crt -noout -subject -nameopt RFC2253
            cmp <(openssl pkey -in $HARNESS_CLIENT_KEY_FILE -pubout) <(openssl x509 -in $HARNESS_CLIENT_CERT_FILE -noout -pubkey) && head -1 client.key
            openssl x509 -in $GATEHOUSE_SERVER_ROOTS -noout -subject -nameopt RFC2253; ls $HARNESS_ADDITIONAL_CERTS_DIR
            echo folder $PWD
            while [ ! -e {{go}} ]; do sleep 0.02; done
            until openssl x509 -in client.crt -noout -subject | grep -q second && cmp -s <(openssl pkey -in client.key -pubout) <(openssl x509 -in client.crt -noout -pubkey); do sleep 0.02; done
            openssl x509 -in client.crt -noout -subject -nameopt RFC2253
            cmp <(openssl pkey -in client.key -pubout) <(openssl x509 -in client.crt -noout -pubkey) && stat -c '%a %n' *
            """);
        await Eventually.TrueAsync($"the files are looked at\n{task.Output}", () => Task.FromResult(task.Output.Contains("folder ", StringComparison.Ordinal)));
        await WriteClientAsync("second");
        await _delegate.WaitForOutputAsync("The client certificate was replaced");
        File.WriteAllText(go, "");
        Assert.True((await task.ResultAsync()).ExitCode == 0, task.Output);
        Assert.Equal(
            [
                "700 .", "600 ca.crt", "600 client.crt", "600 client.key", "subject=CN=first", "-----BEGIN PRIVATE KEY-----", "subject=CN=Fake CA", "ca.crt",
                "subject=CN=second", "600 ca.crt", "600 client.crt", "600 client.key",
            ],
            task.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("folder ", StringComparison.Ordinal)));
        var folder = task.Output.Split('\n').Single(line => line.StartsWith("folder ", StringComparison.Ordinal))["folder ".Length..];
        Assert.StartsWith(_delegate.WorkFolder, folder, StringComparison.Ordinal);
        await Eventually.TrueAsync("the folder is gone", () => Task.FromResult(!Directory.Exists(folder)));
    }

    [Fact]
    public async Task No_key_and_no_delegate_token_is_in_any_process_environment()
    {
        var task = await RunAsync("t1", "SHELL_SCRIPT", Told(), "ps axeww -o args; echo; echo ---; env");
        await task.ResponseAsync();
        Assert.Contains("HARNESS_TI_SERVICE_ENDPOINT=https://m:8443/ti-service", task.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllText(_folder.File("client.key")).Split('\n')[1], task.Output, StringComparison.Ordinal);
        var parts = task.Output.Split("\n---\n");
        Assert.DoesNotContain("PRIVATE KEY", parts[1], StringComparison.Ordinal);
        Assert.Contains("HARNESS_CLIENT_KEY_FILE=", parts[1], StringComparison.Ordinal);
        // Root looks into every process, the delegate's as well.
        Assert.DoesNotContain(FakeManager.Token, Environment.UserName == "root" ? parts[1] : task.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_there_and_masked_where_they_are_printed()
    {
        var task = await RunAsync("t1", "SHELL_SCRIPT", Told(), "echo \"$HARNESS_LOG_SERVICE_TOKEN $HARNESS_TI_SERVICE_TOKEN $(echo \"$HARNESS_TI_SERVICE_TOKEN\" | base64 -d)\"; echo ${#HARNESS_LOG_SERVICE_TOKEN} ${#HARNESS_TI_SERVICE_TOKEN}", logToken: "the-log-token");
        await task.ResponseAsync();
        Assert.Equal("************** ************** **************\n13 12\n", task.Output);
    }

    [Fact]
    public async Task Without_addresses_there_is_nothing_to_show_and_nothing_left_over()
    {
        var task = await RunAsync("t1", "SHELL_SCRIPT", new TaskServices(), "env; ls -d ../mtls");
        await task.ResponseAsync();
        Assert.DoesNotContain("HARNESS_", task.Output, StringComparison.Ordinal);
        Assert.Contains("No such file", task.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_would_go_without_mutual_tls_does_not_start_and_the_way_out_is_its_error()
    {
        var withheld = new TaskServices { Withheld = "Account acme is STRICT: CI_OVERRIDE_SERVICE_URLS, LOG_STREAMING_SERVICE_URL and TI_SERVICE_URL." };
        var ran = _folder.File("ran");
        var task = await RunAsync("t1", "SHELL_SCRIPT", withheld, $"touch {ran}; curl $HARNESS_TI_SERVICE_ENDPOINT/healthz");
        Assert.Equal("FAILED", (await task.ResponseAsync()).Code);
        var error = (await task.ResultAsync()).Error;
        Assert.StartsWith("The script uses HARNESS_TI_SERVICE_ENDPOINT", error, StringComparison.Ordinal);
        Assert.EndsWith(withheld.Withheld, error, StringComparison.Ordinal);
        Assert.False(File.Exists(ran));

        var other = await RunAsync("t2", "SHELL_SCRIPT", withheld, "echo hello; env");
        Assert.Equal("OK", (await other.ResponseAsync()).Code);
        Assert.DoesNotContain("HARNESS_TI", other.Output, StringComparison.Ordinal);
        // Once, for who keeps the delegate.
        await _delegate.WaitForOutputAsync("Steps find no address of some services");
        Assert.Equal(2, _delegate.Output.Split("Steps find no address of some services").Length);
    }

    [Fact]
    public async Task A_step_of_sto_or_scs_is_told_its_address_by_its_task_only()
    {
        var sto = await RunAsync("t1", "STO_STEP", Told(), "echo $HARNESS_STO_SERVICE_ENDPOINT", new() { ["HARNESS_STO_SERVICE_ENDPOINT"] = "https://bent" });
        await sto.ResponseAsync();
        Assert.Equal("https://m:8443/sto-service\n", sto.Output);
        var scs = await RunAsync("t2", "SCS_STEP", Told(), "echo $HARNESS_SCS_SERVICE_ENDPOINT");
        await scs.ResponseAsync();
        Assert.Equal("https://m:8443/scs-service\n", scs.Output);
        var without = await RunAsync("t3", "SCS_STEP", new TaskServices(), "echo no", new() { ["HARNESS_SCS_SERVICE_ENDPOINT"] = "https://bent" });
        Assert.Contains("needs the SCS service", (await without.ResultAsync()).Error, StringComparison.Ordinal);
        Assert.Contains(_manager.Registrations, r => r.SupportedTaskTypes is { } types && types.Contains("STO_STEP") && types.Contains("SCS_STEP"));
    }

    [Fact]
    public async Task A_test_command_finds_what_its_task_was_told_with_the_flag_on_and_off_and_the_way_to_show_the_certificate()
    {
        const string Command = """
            env | grep -E '^HARNESS_(LOG|TI|STO|SCS|CI)_' | grep -v TOKEN | sort
            openssl x509 -in "$HARNESS_CLIENT_CERT_FILE" -noout -subject -nameopt RFC2253
            cmp <(openssl pkey -in "$HARNESS_CLIENT_KEY_FILE" -pubout) <(openssl x509 -in "$HARNESS_MTLS_CERTS_DIR/client.crt" -noout -pubkey)
            openssl x509 -in "$GATEHOUSE_SERVER_ROOTS" -noout -subject -nameopt RFC2253
            echo '<testsuite><testcase name="a"/></testsuite>' > r.xml
            """;
        var on = await RunTestsAsync("t1", Told());
        Assert.Contains("""

            HARNESS_CI_OVERRIDE_SERVICE_URLS_FF=true
            HARNESS_LOG_SERVICE_ENDPOINT=https://m:8443/log-service
            HARNESS_SCS_SERVICE_ENDPOINT=https://m:8443/scs-service
            HARNESS_STO_SERVICE_ENDPOINT=https://m:8443/sto-service
            HARNESS_TI_SERVICE_ENDPOINT=https://m:8443/ti-service
            subject=CN=first
            subject=CN=Fake CA

            """, on, StringComparison.Ordinal);
        var off = await RunTestsAsync("t2", new TaskServices { LogUrl = "https://logs.example.io/log-service/", TiUrl = "https://ti.example.io/" });
        Assert.Contains("""

            HARNESS_LOG_SERVICE_ENDPOINT=https://logs.example.io/log-service
            HARNESS_TI_SERVICE_ENDPOINT=https://ti.example.io
            subject=CN=first
            subject=CN=Fake CA

            """, off, StringComparison.Ordinal);
        // The delegate itself asks beside the manager it came through, and shows its certificate there.
        Assert.Equal(["tests/select", "reports/write", "tests/select", "reports/write"], _manager.Ti.Calls.Select(call => call.Path));
        Assert.All(_manager.Ti.Subjects, subject => Assert.Equal("CN=first", subject));

        async Task<string> RunTestsAsync(string id, TaskServices services)
        {
            var data = JsonSerializer.SerializeToElement(
                new RunTestsTask { Step = WhenTestsAreRun.Step, Command = Command, Changes = new TestChanges { Files = [] }, Reports = ["r.xml"] }, ContractsJson.Default.RunTestsTask);
            var task = _manager.Queue(id, TaskTypes.RunTests, data);
            task.Services = services;
            await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, id));
            Assert.True((await task.ResponseAsync()).Code == "OK", task.Output);
            return task.Output;
        }
    }

    private static TaskServices Told() => new()
    {
        Overridden = true,
        LogUrl = "https://m:8443/log-service/",
        TiUrl = "https://m:8443/ti-service/",
        StoUrl = "https://m:8443/sto-service/",
        ScsUrl = "https://m:8443/scs-service/",
        TiToken = "ti-token",
    };

    private async Task<FakeTask> RunAsync(string id, string type, TaskServices services, string script, Dictionary<string, string>? environment = null, string? logToken = null)
    {
        var task = _manager.Queue(id, type, new { script, environment });
        (task.Services, task.LogToken) = (services, logToken);
        await _manager.PushAsync(FakeManager.Offer(DelegateTaskEvent.Task, id));
        return task;
    }

    private async Task WriteClientAsync(string name)
    {
        var issued = CertificateIssuer.CreateClient(_ca.CertificatePem, _ca.PrivateKeyPem, $"/CN={name}", null, 5, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        await File.WriteAllTextAsync(_folder.File("client.key"), issued.PrivateKeyPem);
        await File.WriteAllTextAsync(_folder.File("client.crt"), issued.CertificatePem);
    }
}
