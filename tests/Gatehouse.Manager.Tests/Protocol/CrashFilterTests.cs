using System.Net;
using System.Net.Sockets;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Manager.Tests.Protocol;

public sealed class CrashFilterTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_client_that_goes_while_its_body_is_read_is_no_error(bool reset)
    {
        Exception gone = reset ? new ConnectionResetException("Connection reset by peer") : new ConnectionAbortedException("aborted");
        Assert.Empty((await RunAsync(gone)).Errors);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_an_error() =>
        Assert.Single((await RunAsync(new IOException("disk full"))).Errors);

    [Fact]
    public async Task Uploads_that_are_reset_leave_no_error_behind()
    {
        const int Uploads = 20;
        await using var host = await ManagerHost.StartAsync();
        for (var i = 0; i < Uploads; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
            await socket.ConnectAsync(IPAddress.Loopback, host.Operator.BaseAddress!.Port, TestContext.Current.CancellationToken);
            var key = host.Operator.DefaultRequestHeaders.GetValues(HeaderNames.ApiKey).Single();
            await socket.SendAsync(
                Encoding.ASCII.GetBytes($"POST {Routes.Operator.Accounts} HTTP/1.1\r\nHost: localhost\r\n{HeaderNames.ApiKey}: {key}\r\nContent-Length: 1000\r\n\r\n{{"),
                TestContext.Current.CancellationToken);
            await Eventually.TrueAsync($"upload {i} under way", () => Task.FromResult(Count(host, "started reading request body.") == i + 1));
        }
        await Eventually.TrueAsync("the end of all", () => Task.FromResult(Count(host, "\" stopped.") >= Uploads));
        Assert.Empty(host.Log.Errors);
    }

    private static int Count(ManagerHost host, string text) => host.Log.All.Count(line => line.Contains(text, StringComparison.Ordinal));

    // The request's token is not cancelled yet: the reader of the body hears of the reset first.
    private static async Task<ErrorLog> RunAsync(Exception thrown)
    {
        using var log = new ErrorLog();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(log));
        var filter = new CrashFilter(factory.CreateLogger<CrashFilter>(), wrapper: true);
        Assert.NotNull(await filter.InvokeAsync(EndpointFilterInvocationContext.Create(new DefaultHttpContext()), _ => throw thrown));
        return log;
    }
}
