using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>Each gets one clear sentence and a code, and changes nothing.</summary>
public sealed class WhenTheInputIsBad(WhenTheInputIsBad.PatientSystem patient) : IClassFixture<WhenTheInputIsBad.PatientSystem>
{
    private readonly GatehouseSystem _system = patient.System;
    private readonly OpenSsl.Pair _ca = patient.Ca;

    /// <summary>One system for all of them, which nothing of it changes.</summary>
    public sealed class PatientSystem : IAsyncLifetime
    {
        internal GatehouseSystem System { get; private set; } = null!;
        internal OpenSsl.Pair Ca { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            System = await GatehouseSystem.StartAsync();
            Ca = await System.OpenSsl.CreateCaAsync();
            await System.CreateAccountAsync("acc1");
        }

        public async ValueTask DisposeAsync() => await System.DisposeAsync();
    }

    private async Task RefusedAsync(int exitCode, string expected, params string[] arguments)
    {
        var result = await _system.CliAsync(arguments);
        Assert.True(result.ExitCode == exitCode, $"{string.Join(' ', arguments)} exited with {result.ExitCode}: {result.All}");
        Assert.Contains(expected, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.All, StringComparison.Ordinal);
        Assert.True(result.Error.Trim().Split('\n').Length <= 4, result.Error);
    }

    private Task NotEnabledAsync(string expected, string caFile, string prefix = "customer1") =>
        RefusedAnyAsync(expected, "mtls", "enable", "--account", "acc1", "--prefix", prefix, "--ca", caFile, "--mode", "STRICT");

    private async Task RefusedAnyAsync(string expected, params string[] arguments)
    {
        var result = await _system.CliAsync(arguments);
        Assert.Contains(result.ExitCode, new[] { 1, 2 });
        Assert.Contains(expected, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.All, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_system.Directory.File(name), text);
        return _system.Directory.File(name);
    }

    [Fact]
    public async Task Ca_files_that_cannot_be_used()
    {
        var leaf = await _system.OpenSsl.CreateClientAsync(_ca, "leaf", "basicConstraints=CA:FALSE");
        var weak = _system.Directory.File("weak.crt");
        await CommandLine.MustAsync("openssl", "req", "-x509", "-sha256", "-nodes", "-days", "99", "-newkey", "rsa:1024", "-subj", "/CN=Weak", "-keyout", _system.Directory.File("weak.key"), "-out", weak);
        var bundle = new System.Text.StringBuilder();
        for (var i = 0; i < 17; i++)
        {
            await CommandLine.MustAsync("openssl", "req", "-x509", "-sha256", "-nodes", "-days", "99", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-subj", $"/CN=CA {i}", "-keyout", _system.Directory.File("n.key"), "-out", _system.Directory.File("n.crt"));
            bundle.Append(await File.ReadAllTextAsync(_system.Directory.File("n.crt"), TestContext.Current.CancellationToken));
        }

        await NotEnabledAsync("missing.crt", _system.Directory.File("missing.crt"));
        await NotEnabledAsync("empty", Write("empty.crt", ""));
        await NotEnabledAsync("PEM", Write("text.crt", "hello"));
        await NotEnabledAsync("private key", Write("both.pem", _ca.KeyPem + _ca.CertificatePem));
        await NotEnabledAsync("CA", leaf.Certificate);
        await NotEnabledAsync("1024", weak);
        await NotEnabledAsync("16", Write("seventeen.pem", bundle.ToString()));
        await RefusedAsync(1, "no mTLS endpoint", "mtls", "show", "--account", "acc1");
        // The pasted key is nowhere in what the server keeps.
        foreach (var file in Directory.GetFiles(_system.Data, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)))
            Assert.DoesNotContain(_ca.KeyPem.Split('\n')[5], await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b", "dot")]
    [InlineData("api", "reserved")]
    [InlineData("manager-grpc-x", "reserved")]
    [InlineData("-x", "hyphen")]
    [InlineData("xn--80ak6aa92e", "xn--")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "63")]
    public Task Prefixes_that_cannot_be_used(string prefix, string expected) => NotEnabledAsync(expected, _ca.Certificate, prefix);

    [Fact]
    public async Task Prefixes_of_others_now_and_yesterday()
    {
        await _system.CreateAccountAsync("acc2");
        await _system.EnableMtlsAsync("acc2", "taken", _ca, MtlsMode.LOOSE);
        await NotEnabledAsync("taken", _ca.Certificate, "TAKEN");
        await _system.MustAsync("mtls", "disable", "--account", "acc2");
        await NotEnabledAsync("belonged to another account", _ca.Certificate, "taken");
    }

    [Fact]
    public async Task Accounts_tokens_and_selectors_that_are_not_there()
    {
        await RefusedAnyAsync("nobody", "token", "create", "--account", "nobody", "--name", "x");
        await RefusedAnyAsync("nobody", "mtls", "enable", "--account", "nobody", "--prefix", "p", "--ca", _ca.Certificate);
        await RefusedAnyAsync("delegate", "task", "run", "--account", "acc1", "--", "true");
        await RefusedAnyAsync("nothing", "token", "revoke", "--account", "acc1", "--name", "nothing");
        await RefusedAsync(2, "--account", "delegates");
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_wants_another_key()
    {
        var unreachable = await CommandLine.RunAsync("dotnet", [ProgramFiles.Cli, "account", "list", "--server", "http://127.0.0.1:1", "--api-key", "x"], "");
        Assert.Equal(1, unreachable.ExitCode);
        Assert.Contains("127.0.0.1:1", unreachable.Error, StringComparison.Ordinal);
        var refused = await CommandLine.RunAsync("dotnet", [ProgramFiles.Cli, "account", "list", "--server", _system.OperatorUrl, "--api-key", "x"], "");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("operator.key", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_or_port()
    {
        var same = await CommandLine.RunAsync("dotnet", [ProgramFiles.Server, "serve", "--data", _system.Data], "");
        Assert.Equal(1, same.ExitCode);
        Assert.Contains(_system.Data, same.Error, StringComparison.Ordinal);
        var port = await CommandLine.RunAsync("dotnet", [ProgramFiles.Server, "serve", "--data", _system.Directory.File("other")], "",
            environment: new Dictionary<string, string> { ["GATEHOUSE__AGENT__LISTEN"] = $"127.0.0.1:{_system.AgentPort}", ["GATEHOUSE__OPERATOR__LISTEN"] = "http://127.0.0.1:0" });
        Assert.Equal(1, port.ExitCode);
        Assert.Contains($"{_system.AgentPort}", port.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", port.All, StringComparison.Ordinal);
        var unknown = await CommandLine.RunAsync("dotnet", [ProgramFiles.Server, "serve"], "", environment: new Dictionary<string, string> { ["GATEHOUSE__AGENT__LISTN"] = "x" });
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("agent.listn", unknown.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Bodies_that_are_no_bodies()
    {
        var deep = new string('[', 2000) + new string(']', 2000);
        foreach (var (body, status) in new[] { ("{", 400), ("hello", 400), (deep, 400), (new string('x', 5 * 1024 * 1024), 413) })
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await _system.Operator.PostAsync(new Uri("/api/v1/accounts", UriKind.Relative), content, TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
        var large = Write("large.json", new string(' ', 30 * 1024 * 1024));
        var agent = await _system.Curl.GetAsync("localhost", "/api/agent/delegates/register?accountId=acc1", null, "-H", "Content-Type: application/json", "-H", "Authorization: Delegate x", "--data-binary", "@" + large);
        Assert.Contains(agent.Status, new[] { 401, 413 });
    }
}
