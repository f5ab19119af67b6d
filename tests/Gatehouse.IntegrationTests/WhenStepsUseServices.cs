using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>A STRICT account from the flag to curl in a step: with nothing but its environment it reaches the services with the delegate's certificate, or is told why it cannot.</summary>
public sealed class WhenStepsUseServices : IAsyncLifetime
{
    private const string Host = "customer1.agent.localhost";

    private const string Prelude = """
        set -eu
        ask() { curl --silent --show-error --fail-with-body --max-time 20 --cert "$HARNESS_CLIENT_CERT_FILE" --key "$HARNESS_CLIENT_KEY_FILE" --cacert "$GATEHOUSE_SERVER_ROOTS" "$@"; }

        """;

    private GatehouseSystem _system = null!;
    private ForeignServer _sto = null!;

    public async ValueTask InitializeAsync()
    {
        var port = FreePorts.Next();
        _system = await GatehouseSystem.StartAsync(new Dictionary<string, string?>
        {
            ["GATEHOUSE__SERVICES__STOSERVICE"] = $"http://127.0.0.1:{port}",
            // What an operator has for everybody: the shared host, where STRICT accounts are refused.
            ["GATEHOUSE__SERVICES__LOGSERVICEURL"] = "https://gatehouse.localhost/log-service/",
            ["GATEHOUSE__SERVICES__TISERVICEURL"] = "https://gatehouse.localhost/ti-service",
        });
        var configuration = _system.Directory.File("nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr;
            events { }
            http {
              access_log off;
              client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
              server { listen 127.0.0.1:{{port}}; location / { return 200 "STO $request_uri of $http_agent_mtls_authority\n"; } }
            }
            """);
        _sto = await ForeignServer.StartAsync(_system.Directory.Path, port, "nginx", "-p", _system.Directory.Path, "-c", configuration);
        var ca = await _system.OpenSsl.CreateCaAsync();
        var client = await _system.OpenSsl.CreateClientAsync(ca);
        var token = await _system.CreateAccountAsync("acc1");
        await _system.EnableMtlsAsync("acc1", "customer1", ca, MtlsMode.STRICT);
        _system.StartDelegate("acc1", token, "plain", Host, client);
        _system.StartDelegate("acc1", token, "own", Host, client, new Dictionary<string, string?>
        {
            ["LOG_STREAMING_SERVICE_URL"] = $"https://{Host}:{_system.AgentPort}/log-service",
            ["TI_SERVICE_URL"] = $"https://{Host}:{_system.AgentPort}/ti-service/",
        });
        await _system.ConnectedAsync("acc1", "plain", mtls: true);
        await _system.ConnectedAsync("acc1", "own", mtls: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _sto.DisposeAsync();
        await _system.DisposeAsync();
    }

    [Fact]
    public async Task A_flag_or_two_variables_lead_through_the_mtls_endpoint_and_without_them_the_step_says_so()
    {
        // Neither: not started, and the sentence names the way out.
        var without = await RunAsync("plain", "SHELL_SCRIPT", Prelude + "ask $HARNESS_TI_SERVICE_ENDPOINT/healthz");
        Assert.Equal(1, without.ExitCode);
        foreach (var name in new[] { "STRICT", "HARNESS_TI_SERVICE_ENDPOINT", "gatehouse flag set CI_OVERRIDE_SERVICE_URLS --account acc1 on", "LOG_STREAMING_SERVICE_URL", "TI_SERVICE_URL" })
            Assert.Contains(name, without.Error, StringComparison.Ordinal);
        var sto = await RunAsync("own", "STO_STEP", Prelude + "ask $HARNESS_STO_SERVICE_ENDPOINT/scans");
        Assert.Equal(1, sto.ExitCode);
        Assert.Contains("CI_OVERRIDE_SERVICE_URLS", sto.Error, StringComparison.Ordinal);
        // A script that has nothing to do with services is not their hostage.
        Assert.Equal((0, "hello\n"), await OutcomeAsync("plain", "SHELL_SCRIPT", "echo hello; env | grep HARNESS_ || true"));

        // Both variables, no flag.
        await UseServicesAsync("own");

        // The flag, no variables.
        await _system.MustAsync("flag", "set", "CI_OVERRIDE_SERVICE_URLS", "--account", "acc1", "on");
        await UseServicesAsync("plain");
        Assert.Equal((0, "STO /scans of customer1.agent.localhost\n"), await OutcomeAsync("plain", "STO_STEP", Prelude + "ask $HARNESS_STO_SERVICE_ENDPOINT/scans"));
        // A test command is told the same, and what it leaves is reported through the same door.
        var tests = await _system.CliAsync(
            "ti", "run", "--account", "acc1", "--selector", "plain", "--org", "o", "--project", "p", "--pipeline", "l", "--build", "1", "--stage", "s", "--step", "t",
            "--repo", "https://git.example.com/shop", "--target", "main", "--all", "--report", "r.xml", "--",
            Prelude + """
                ask "$HARNESS_LOG_SERVICE_ENDPOINT/healthz" "$HARNESS_TI_SERVICE_ENDPOINT/healthz" "$HARNESS_STO_SERVICE_ENDPOINT/scans"
                echo '<testsuite><testcase name="a"/></testsuite>' > r.xml
                """);
        Assert.True(tests.ExitCode == 0, tests.All);
        Assert.Contains("STO /scans of customer1.agent.localhost\n", tests.Output, StringComparison.Ordinal);
        Assert.EndsWith("; reported\n", tests.Output, StringComparison.Ordinal);
        var nowhere = await RunAsync("plain", "SCS_STEP", Prelude + "ask $HARNESS_SCS_SERVICE_ENDPOINT/x");
        Assert.NotEqual(0, nowhere.ExitCode);
        Assert.Contains("services.scsService", nowhere.Output, StringComparison.Ordinal);
    }

    private async Task UseServicesAsync(string worker)
    {
        var outcome = await OutcomeAsync(worker, "SHELL_SCRIPT", Prelude + """
            ask "$HARNESS_TI_SERVICE_ENDPOINT/healthz" > /dev/null
            ask -H "X-Harness-Token: $(echo "$HARNESS_TI_SERVICE_TOKEN" | base64 -d)" \
                "$HARNESS_TI_SERVICE_ENDPOINT/reports/summary?accountId=$HARNESS_ACCOUNT_ID&orgId=o&projectId=p&pipelineId=l&buildId=1&stageId=s&stepId=t&report=junit" > /dev/null
            log() { ask -H "X-Harness-Token: $HARNESS_LOG_SERVICE_TOKEN" "$@"; }
            at="$HARNESS_LOG_SERVICE_ENDPOINT/stream?accountID=$HARNESS_ACCOUNT_ID&key=step-$GATEHOUSE_TASK_ID"
            log -X POST "$at"
            log -X PUT "$at" -d '[{"level":"info","pos":0,"out":"from the step\n","time":"2026-11-30T08:00:00Z","args":null}]'
            log -X DELETE "$at&snapshot=true"
            log "$HARNESS_LOG_SERVICE_ENDPOINT/blob?accountID=$HARNESS_ACCOUNT_ID&key=step-$GATEHOUSE_TASK_ID" | jq -r .out
            # The same address without the certificate: the way in is really the endpoint's.
            curl --silent --cacert "$GATEHOUSE_SERVER_ROOTS" "$HARNESS_LOG_SERVICE_ENDPOINT/healthz" | jq -r .code
            """);
        Assert.Equal((0, "from the step\n\nclient_certificate_required\n"), outcome);
    }

    private async Task<(int ExitCode, string Output)> OutcomeAsync(string worker, string type, string script)
    {
        var result = await RunAsync(worker, type, script);
        Assert.True(result.ExitCode == 0, result.All);
        return (result.ExitCode, result.Output);
    }

    private Task<CommandResult> RunAsync(string worker, string type, string script) =>
        _system.CliAsync("task", "run", "--account", "acc1", "--selector", worker, "--type", type, "--", script);
}
