using System.Diagnostics;
using System.Text.Json;
using Gatehouse.Cli.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class RefusalCommandsTests
{
    private static string Refusal(int sequence) => $$"""
        {"sequence":{{sequence}},"code":"certificate_expired","message":"It expired.","nextStep":"Renew it.","accountId":"acme","host":"customer1.agent.localhost","remoteAddress":"192.0.2.7",
        "certificate":{"subject":"CN=\u001b]0;x","issuer":"CN=CA","serialNumber":"0A","sha256":"FF","notBefore":"2025-01-02T03:04:05Z","notAfter":"2026-01-02T03:04:05Z"},
        "count":3,"firstSeen":"2026-01-02T03:04:05Z","lastSeen":"2026-01-02T03:04:06Z"}
        """;

    [Fact]
    public async Task List_TellsCodeReasonAndCertificate()
    {
        await using var server = await FakeServer.StartAsync();
        server.On("GET /api/v1/accounts/acme/refusals", $"[{Refusal(5)}]");
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("refusals", "--account", "acme");

        Assert.Equal(
            """
            2026-01-02 03:04:06 UTC  certificate_expired  x3  account acme  at customer1.agent.localhost  from 192.0.2.7
              why       It expired.
              next      Renew it.
              subject   CN=\u001B]0;x
              issuer    CN=CA
              serial    0A
              SHA-256   FF
              notAfter  2026-01-02 03:04:05 UTC


            """, ended.Out);
    }

    [Fact]
    public async Task Follow_PrintsNewOnesOnce_AndEndsWithCtrlC()
    {
        await using var server = await FakeServer.StartAsync();
        var asked = new TaskCompletionSource();
        server.On("GET /api/v1/refusals", async context =>
        {
            var after = context.Request.Query["after"].ToString();
            await context.Response.WriteAsync(after == "0" ? $"[{Refusal(5)},{Refusal(4)}]" : after == "5" ? $"[{Refusal(9)}]" : "[]", context.RequestAborted);
            if (after == "9")
            {
                asked.TrySetResult();
            }
        });
        using var line = new CommandLine(server);

        using var process = line.Start("refusals", "--follow", "--output", "json");
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var ended = await CommandLine.EndOfAsync(process);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.Equal([4, 5, 9], ended.Out.TrimEnd('\n').Split('\n').Select(one => JsonDocument.Parse(one).RootElement.GetProperty("sequence").GetInt32()));
    }
}
