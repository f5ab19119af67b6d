using System.Diagnostics;
using System.Text.Json;
using Gatehouse.Cli.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class TaskRunTests
{
    private const string Tasks = "/api/v1/accounts/acme/tasks";

    private static string Task(string status, string? result = null, string? error = null, int outputBytes = 0) =>
        $$"""
        {"id":"t1","accountId":"acme","type":"SHELL_SCRIPT","status":"{{status}}","selectors":[],"createdAt":"2026-01-02T03:04:05Z","timeoutMs":600000,
        "result":{{result ?? "null"}},"error":{{(error is null ? "null" : $"\"{error}\"")}},"outputBytes":{{outputBytes}}}
        """;

    private static FakeServer Queued(FakeServer server) => server.On($"POST {Tasks}", Task("QUEUED"), 202);

    [Theory]
    [InlineData(0, "SUCCEEDED")]
    [InlineData(7, "SUCCEEDED")]
    [InlineData(7, "FAILED")]
    [InlineData(143, "FAILED")]
    public async Task OutputIsRaw_AndTheExitCodeIsTheScripts(int exitCode, string status)
    {
        await using var server = await FakeServer.StartAsync();
        byte[] output = [0x68, 0x69, 0x00, 0xFF, 0x1B, 0x0A];
        Queued(server)
            .On($"GET {Tasks}/t1/output", async context => await context.Response.Body.WriteAsync(output, context.RequestAborted))
            .On($"GET {Tasks}/t1", Task(status, $$"""{"exitCode":{{exitCode}},"timedOut":false,"aborted":false}""", outputBytes: output.Length));
        using var line = new CommandLine(server);

        using var process = line.Start("task", "run", "--account", "acme", "--", "echo hi");
        using var raw = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(raw, TestContext.Current.CancellationToken);
        var ended = await CommandLine.EndOfAsync(process);

        Assert.Equal((exitCode, ""), (ended.ExitCode, ended.Error));
        Assert.Equal(output, raw.ToArray());
    }

    [Fact]
    public async Task Request_CarriesScriptSelectorsEnvironmentAndTime()
    {
        await using var server = await FakeServer.StartAsync();
        server.On($"POST {Tasks}", """{"detail":"enough"}""", 409);
        using var line = new CommandLine(server);

        await line.RunAsync("task", "run", "--account", "acme", "--selector", "a", "--selector", "b", "--timeout", "90s", "--env", "X=1=2", "--env", "Y=", "--", "@echo --env \"$X\"");

        using var body = JsonDocument.Parse(Assert.Single(server.Seen).Body);
        var shell = body.RootElement.GetProperty("shell");
        Assert.Equal("@echo --env \"$X\"", shell.GetProperty("script").GetString());
        Assert.Equal("1=2", shell.GetProperty("environment").GetProperty("X").GetString());
        Assert.Equal("", shell.GetProperty("environment").GetProperty("Y").GetString());
        Assert.Equal(90_000, body.RootElement.GetProperty("timeoutMs").GetInt64());
        Assert.Equal(["a", "b"], body.RootElement.GetProperty("selectors").EnumerateArray().Select(one => one.GetString()));
    }

    [Fact]
    public async Task AStepOfAService_IsOfItsType()
    {
        await using var server = await FakeServer.StartAsync();
        server.On($"POST {Tasks}", """{"detail":"enough"}""", 409);
        using var line = new CommandLine(server);

        await line.RunAsync("task", "run", "--account", "acme", "--type", "STO_STEP", "--env", "X=1", "--", "scan");

        using var body = JsonDocument.Parse(Assert.Single(server.Seen).Body);
        Assert.Equal("STO_STEP", body.RootElement.GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Null, body.RootElement.GetProperty("shell").ValueKind);
        Assert.Equal(("scan", "1"), (body.RootElement.GetProperty("data").GetProperty("script").GetString(), body.RootElement.GetProperty("data").GetProperty("environment").GetProperty("X").GetString()));
        Assert.Equal(2, (await line.RunAsync("task", "run", "--account", "acme", "--type", "NOPE", "--", "scan")).ExitCode);
    }

    [Fact]
    public async Task ConnectionBreaks_GoesOnAtTheByte()
    {
        await using var server = await FakeServer.StartAsync();
        var calls = 0;
        // A broken connection takes with it what the client has not read yet: it breaks once the bytes have arrived.
        using var arrived = new SemaphoreSlim(0);
        Queued(server)
            .On($"GET {Tasks}/t1/output", async context =>
            {
                var from = int.Parse(context.Request.Query["from"]!, System.Globalization.CultureInfo.InvariantCulture);
                var last = Interlocked.Increment(ref calls) > 2;
                await context.Response.WriteAsync("abcdefghi".Substring(from, last ? 9 - from : 3), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                if (!last)
                {
                    await arrived.WaitAsync(context.RequestAborted);
                    context.Abort();
                }
            })
            .On($"GET {Tasks}/t1", async context =>
            {
                if (calls == 1)
                {
                    context.Abort();
                    return;
                }

                await context.Response.WriteAsync(calls > 2 ? Task("SUCCEEDED", """{"exitCode":0}""", outputBytes: 9) : Task("STARTED"), context.RequestAborted);
            });
        using var line = new CommandLine(server);

        using var process = line.Start("task", "run", "--account", "acme", "--", "x");
        var pieces = new char[6];
        for (var piece = 0; piece < 2; piece++)
        {
            await process.StandardOutput.ReadBlockAsync(pieces.AsMemory(3 * piece, 3), TestContext.Current.CancellationToken);
            arrived.Release();
        }

        var ended = await CommandLine.EndOfAsync(process);

        Assert.Equal((0, "abcdefghi"), (ended.ExitCode, new string(pieces) + ended.Out));
        Assert.Equal(["0", "3", "6"], server.Seen.Where(one => one.PathAndQuery.Contains("from=", StringComparison.Ordinal)).Select(one => one.PathAndQuery[^1..]));
        Assert.Contains("The connection to the server is lost; task t1 goes on", ended.Error, StringComparison.Ordinal);
        Assert.Contains("The server is back.", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"timedOut":true}""", null, "Task t1 FAILED: it was ended at its time limit of 10 min. Give it more with --timeout.\n")]
    [InlineData(null, "The delegate was lost.", "Task t1 FAILED: The delegate was lost.\n")]
    [InlineData("""{"exitCode":0}""", "The answer came too late.", "Task t1 FAILED: The answer came too late.\n")]
    [InlineData(null, null, "Task t1 FAILED: the delegate gave no reason.\n")]
    public async Task TaskFails_ReasonOnStderr_ExitCode1(string? result, string? error, string expected)
    {
        await using var server = await FakeServer.StartAsync();
        Queued(server).On($"GET {Tasks}/t1/output", "").On($"GET {Tasks}/t1", Task("FAILED", result, error));
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("task", "run", "--account", "acme", "--", "x");

        Assert.Equal((1, "", expected), (ended.ExitCode, ended.Out, ended.Error));
    }

    [Fact]
    public async Task CtrlC_AbortsTheTaskAndWaitsForItsEnd()
    {
        await using var server = await FakeServer.StartAsync();
        var streaming = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        Queued(server)
            .On($"GET {Tasks}/t1/output", async context =>
            {
                if (context.Request.Query["from"] == "0")
                {
                    await context.Response.WriteAsync("one", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    streaming.TrySetResult();
                    await aborted.Task.WaitAsync(context.RequestAborted);
                }
                else
                {
                    await context.Response.WriteAsync("two", context.RequestAborted);
                }
            })
            .On($"POST {Tasks}/t1/abort", async context =>
            {
                aborted.TrySetResult();
                await context.Response.WriteAsync(Task("STARTED"), context.RequestAborted);
            })
            .On($"GET {Tasks}/t1", Task("ABORTED", """{"aborted":true}""", outputBytes: 6));
        using var line = new CommandLine(server);

        using var process = line.Start("task", "run", "--account", "acme", "--", "sleep 1000");
        await streaming.Task.WaitAsync(TestContext.Current.CancellationToken);
        var first = new char[3];
        await process.StandardOutput.ReadBlockAsync(first, TestContext.Current.CancellationToken);
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var ended = await CommandLine.EndOfAsync(process);

        Assert.True(aborted.Task.IsCompletedSuccessfully);
        Assert.Equal((1, "two"), (ended.ExitCode, ended.Out));
        Assert.Equal("Aborting task t1. Ctrl-C again leaves it to the server.\nTask t1 ABORTED: it was aborted.\n", ended.Error);
    }

    [Fact]
    public async Task AsJson_StdoutIsTheTask_OutputGoesToStderr()
    {
        await using var server = await FakeServer.StartAsync();
        Queued(server)
            .On($"GET {Tasks}/t1/output", async context => await context.Response.WriteAsync("hello\n", context.RequestAborted))
            .On($"GET {Tasks}/t1", Task("SUCCEEDED", """{"exitCode":3}""", outputBytes: 6));
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("task", "run", "--account", "acme", "--output", "json", "--", "x");

        Assert.Equal((3, "hello\n"), (ended.ExitCode, ended.Error));
        using var json = JsonDocument.Parse(ended.Out);
        Assert.Equal("SUCCEEDED", json.RootElement.GetProperty("status").GetString());
    }

    [Fact]
    public async Task EnvWithoutName_IsBadInput_AndValuesAreNotShown()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);

        var ended = await line.RunAsync("task", "run", "--account", "acme", "--env", "=secret", "--", "x");

        Assert.Equal(2, ended.ExitCode);
        Assert.DoesNotContain("secret", ended.Error, StringComparison.Ordinal);
        Assert.Empty(server.Seen);
    }
}
