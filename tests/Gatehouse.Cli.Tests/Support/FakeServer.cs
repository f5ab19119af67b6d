using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Cli.Tests.Support;

/// <summary>A request as the server saw it.</summary>
internal sealed record SeenRequest(string Method, string PathAndQuery, string? ApiKey, string Body);

/// <summary>A real HTTP server on a free port that answers what the test says, and remembers what it was asked.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    public const string Key = "operator-key-of-the-test";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new();
    private readonly ConcurrentQueue<SeenRequest> _seen = new();

    private FakeServer(WebApplication app)
    {
        _app = app;
    }

    public IReadOnlyCollection<SeenRequest> Seen => _seen;

    public string Url { get; private set; } = "";

    public static async Task<FakeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new FakeServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        server.Url = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    /// <summary>Answers a call. The key is method and path without query, for example <c>GET /api/v1/accounts</c>.</summary>
    public FakeServer On(string call, Func<HttpContext, Task> answer)
    {
        _answers[call] = answer;
        return this;
    }

    public FakeServer On(string call, string json, int status = 200, string contentType = "application/json") => On(call, async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(json, context.RequestAborted);
    });

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        _seen.Enqueue(new SeenRequest(
            context.Request.Method, context.Request.Path + context.Request.QueryString.Value, context.Request.Headers["X-Api-Key"], body));
        if (_answers.TryGetValue($"{context.Request.Method} {context.Request.Path}", out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }
}
