using System.Text.Json;
using Gatehouse.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Server.Tests.Hosting;

public sealed class SafeErrorsTests
{
    /// <summary>What the client is told is how the operator finds the cause.</summary>
    [Fact]
    public async Task The_log_has_the_cause_under_the_trace_id_that_the_client_got()
    {
        var log = new Lines();
        var context = new DefaultHttpContext { TraceIdentifier = "0HTRACE:1" };
        using var body = new MemoryStream();
        context.Response.Body = body;
        await new SafeErrors(_ => throw new InvalidOperationException("secret cause"), log).InvokeAsync(context);
        var problem = JsonDocument.Parse(body.ToArray()).RootElement;
        Assert.Equal((500, "0HTRACE:1"), (context.Response.StatusCode, problem.GetProperty("traceId").GetString()));
        Assert.DoesNotContain("secret cause", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("0HTRACE:1", Assert.Single(log.Messages), StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger<SafeErrors>
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Messages.Add(formatter(state, exception));
    }
}
