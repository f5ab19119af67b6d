using Gatehouse.Contracts;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenItIsRefused
{
    private static readonly Refusal s_strict = new(RefusalCode.MtlsRequired, "Account acme admits delegates with a client certificate only.", "Give it one.");

    [Fact]
    public async Task It_says_why_once_is_unwell_and_goes_on_at_a_humane_pace()
    {
        await using var manager = await FakeManager.StartAsync();
        manager.Refusal = s_strict;
        await using var it = DelegateProcess.Start(manager.Url);
        await it.WaitForOutputAsync("Refused (mtls_required): Account acme admits delegates with a client certificate only. Give it one.");
        var (status, body) = await it.HealthAsync();
        Assert.Equal(503, status);
        Assert.Contains("with a client certificate only", body.GetProperty("reason").GetString(), StringComparison.Ordinal);

        // A second look after a second: still one request. A hot loop would have made hundreds.
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(1, manager.Requests);
    }

    [Fact]
    public async Task Refused_later_it_says_so_at_once_and_its_running_task_is_not_lost()
    {
        using var gate = new TemporaryDirectory();
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url);
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        var task = await manager.RunScriptAsync("t1", $"echo started; while [ ! -e {gate.File("go")} ]; do sleep 0.02; done");
        await Eventually.TrueAsync("it has started", () => Task.FromResult(task.Output.Length > 0));
        manager.Refusal = s_strict;
        await manager.PushAsync("""{"code":"INVALID_AGENT_MTLS_AUTHORITY","level":"ERROR","message":"mtls_required: say why"}""");
        await it.WaitForOutputAsync("Refused (mtls_required)");
        manager.Refusal = null;
        File.WriteAllText(gate.File("go"), "");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
    }

    [Fact]
    public async Task A_wrong_token_does_not_end_it()
    {
        await using var manager = await FakeManager.StartAsync();
        manager.ErrorCode = "INVALID_TOKEN";
        await using var it = DelegateProcess.Start(manager.Url);
        await it.WaitForOutputAsync("Refused (INVALID_TOKEN): No. Check DELEGATE_TOKEN and ACCOUNT_ID");
        Assert.Equal(503, (await it.HealthAsync()).Status);
        Assert.DoesNotContain(FakeManager.Token, it.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[SELF_DESTRUCT]", true)]
    [InlineData("[SELF_DESTRUCT]delegate-1", true)]
    [InlineData("[SELF_DESTRUCT]delegate-2", false)]
    [InlineData("[MIGRATE]https://elsewhere.example", false)]
    public async Task It_ends_only_when_it_is_meant(string frame, bool ends)
    {
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url);
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        await manager.PushAsync(frame);
        if (ends)
        {
            Assert.Equal(1, await it.ExitCodeAsync());
            Assert.Contains("told this delegate to stop for good", it.Output, StringComparison.Ordinal);
            return;
        }

        var task = await manager.RunScriptAsync("t1", "echo alive");
        Assert.Equal("OK", (await task.ResponseAsync()).Code);
    }
}
