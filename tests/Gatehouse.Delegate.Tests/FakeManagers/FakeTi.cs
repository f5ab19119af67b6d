using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Delegate.Tests;

/// <summary>A TI service as far as a delegate can tell: it keeps what it is sent, and says what it is told to.</summary>
internal sealed class FakeTi
{
    public const string Token = "a-ti-token";

    public ConcurrentQueue<(string Path, IReadOnlyDictionary<string, string> Query, string Body)> Calls { get; } = new();

    public ConcurrentQueue<string> Tokens { get; } = new();

    /// <summary>Subjects of the client certificates that came with the calls; empty text for none.</summary>
    public ConcurrentQueue<string> Subjects { get; } = new();

    /// <summary>By route below the service: status and body.</summary>
    public ConcurrentDictionary<string, (int Status, string Body)> Answers { get; } = new();

    public (string Path, IReadOnlyDictionary<string, string> Query, string Body) Call(string path) => Assert.Single(Calls, call => call.Path == path);

    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!["/ti-service/".Length..];
        Tokens.Enqueue(context.Request.Headers["X-Harness-Token"].ToString());
        Subjects.Enqueue(context.Connection.ClientCertificate?.Subject ?? "");
        await using var body = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        using var text = new StreamReader(body, Encoding.UTF8);
        Calls.Enqueue((path, context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()), await text.ReadToEndAsync()));
        var (status, answer) = Answers.GetValueOrDefault(path, (204, ""));
        context.Response.StatusCode = status;
        if (answer.Length > 0)
            await context.Response.WriteAsync(answer);
    }
}
