using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class DelegateCommandsTests
{
    private const string Delegates = """
        [{"id":"d1","accountId":"acme","name":"with-certificate","hostName":"h1","tags":["linux","eu"],"supportedTaskTypes":["SHELL_SCRIPT"],"status":"ENABLED","connected":true,"streamOpen":true,
        "mtls":true,"certificate":{"subject":"CN=Client,O=Example ORG","issuer":"CN=CA Cert,O=Example ORG","serialNumber":"0A1B","sha256":"FFEE","notBefore":"2025-01-02T03:04:05Z","notAfter":"2053-01-02T03:04:05Z"},
        "registeredAt":"2026-01-02T03:04:05Z","lastHeartbeat":"2026-01-02T03:04:05Z","runningTasks":2,"connectedThrough":"customer1.agent.localhost:8443"},
        {"id":"d2","accountId":"acme","name":"plain","hostName":"h2","tags":[],"supportedTaskTypes":[],"status":"ENABLED","connected":true,"streamOpen":false,
        "mtls":false,"registeredAt":"2026-01-02T03:04:05Z","lastHeartbeat":"2026-01-02T03:04:05Z","clockSkewSeconds":-3600}]
        """;

    [Fact]
    public async Task List_TellsWhoCameOverMtls_WithWhichCertificate()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/delegates", Delegates);
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("delegates", "--account", "acme");

        Assert.Equal(
            """
            NAME              STATE                MTLS  THROUGH                         TAGS       TASKS  LAST HEARTBEAT
            with-certificate  connected            yes   customer1.agent.localhost:8443  linux, eu  2      2026-01-02 03:04:05 UTC
            plain             connected (polling)  no    -                               -          0      2026-01-02 03:04:05 UTC

            with-certificate showed this certificate:
              subject   CN=Client,O=Example ORG
              issuer    CN=CA Cert,O=Example ORG
              serial    0A1B
              SHA-256   FFEE
              notAfter  2053-01-02 03:04:05 UTC

            plain: its clock is 1 h behind the server's. Set it right: certificates and tokens are judged by time.

            """, ended.Out);
    }

    [Fact]
    public async Task List_Nobody_SaysSo()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/delegates", "[]");
        using var line = new CommandLine(server);

        Assert.Equal("Account acme has no delegates.\n", (await line.RunAsync("delegates", "--account", "acme")).Out);
        Assert.Equal("[]\n", (await line.RunAsync("delegates", "--account", "acme", "--output", "json")).Out);
    }
}
