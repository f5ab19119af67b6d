using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Tests.Harness;
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
