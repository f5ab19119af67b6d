using System.Net;
using System.Net.Sockets;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class WhenTheEnvironmentIsWrong
{
    [Fact]
    public async Task Everything_is_said_at_once_and_the_exit_code_is_two()
    {
        await using var it = DelegateProcess.Start("ftp://nowhere", new()
        {
            ["DELEGATE_TOKEN"] = "my-secret-thing",
            ["DELEGATE_TASK_CAPACITY"] = "0",
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = "/x.crt",
            ["TRUST_ALL_CERTIFICATES"] = "true",
        });
        Assert.Equal(2, await it.ExitCodeAsync());
        var lines = it.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.DoesNotContain("my-secret-thing", it.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_file_that_is_not_there_is_named()
    {
        await using var it = DelegateProcess.Start("https://localhost:1", new()
        {
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = "/etc/mtls/none.crt",
            ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = "/etc/mtls/none.key",
        });
        Assert.Equal(2, await it.ExitCodeAsync());
        Assert.Contains("The client certificate /etc/mtls/none.crt cannot be read", it.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", it.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_port_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var it = DelegateProcess.Start("http://localhost:1", new() { ["DELEGATE_HEALTH_PORT"] = $"{port}" });
        Assert.Equal(2, await it.ExitCodeAsync());
        Assert.Contains($"DELEGATE_HEALTH_PORT: port {port} cannot be used", it.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_command_is_named()
    {
        await using var it = DelegateProcess.Start(null, null, "walk");
        Assert.Equal(2, await it.ExitCodeAsync());
        Assert.Contains("“walk” is not a command", it.Output, StringComparison.Ordinal);
        await using var help = DelegateProcess.Start(null, null, "--help");
        Assert.Equal(0, await help.ExitCodeAsync());
        Assert.Contains("DELEGATE_TOKEN", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_init_script_comes_first_and_what_it_exports_counts()
    {
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url, new()
        {
            ["DELEGATE_NAME"] = null,
            ["INIT_SCRIPT"] = "echo preparing\nexport DELEGATE_NAME=from-init TOOL=ready",
        });
        await Eventually.TrueAsync("the stream is open", () => Task.FromResult(manager.StreamIsOpen));
        await it.WaitForOutputAsync("preparing");
        Assert.Equal("from-init", manager.Registrations.First().DelegateName);
        var task = await manager.RunScriptAsync("t1", "echo $TOOL $INIT_SCRIPT");
        await task.ResponseAsync();
        Assert.Equal("ready\n", task.Output);
    }

    [Fact]
    public async Task An_init_script_that_fails_ends_it()
    {
        await using var manager = await FakeManager.StartAsync();
        await using var it = DelegateProcess.Start(manager.Url, new() { ["INIT_SCRIPT"] = "no-such-program-here" });
        Assert.Equal(1, await it.ExitCodeAsync());
        Assert.Contains("INIT_SCRIPT failed with exit code 127", it.Output, StringComparison.Ordinal);
        Assert.Empty(manager.Registrations);
    }
}
