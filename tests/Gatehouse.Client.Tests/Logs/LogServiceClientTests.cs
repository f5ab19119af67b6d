using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Client.Tests;

public sealed class LogServiceClientTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 30, 9, 0, 0, 5, TimeSpan.FromHours(1));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_opened_written_and_closed_as_the_protocol_wants()
    {
        var seen = new List<string>();
        await using var server = await TestServer.StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            seen.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers["X-Harness-Token"]} {await body.ReadToEndAsync(Cancel)}");
            context.Response.StatusCode = 204;
        });
        using var client = Client(server);
        await client.OpenAsync("to-ken", "a:b/c d", TimeSpan.FromMinutes(10), Cancel);
        Assert.Equal(new LogReceipt(false, 9), await client.WriteAsync("to-ken", "a:b/c d", [new LogLine(7, "ä <&>\n", s_time), new LogLine(8, "\u001b[1m\"", s_time)], Cancel));
        Assert.Equal(new LogReceipt(false, 9), await client.CloseAsync("to-ken", "a:b/c d", 9, Cancel));
        Assert.Equal(
            ["POST /log-service/stream?accountID=acme&key=a%3Ab%2Fc%20d&timeout_seconds=600 to-ken ",
            """PUT /log-service/stream?accountID=acme&key=a%3Ab%2Fc%20d&firstLine=7 to-ken [{"level":"info","pos":7,"out":"ä <&>\n","time":"2026-11-30T08:00:00.0050000Z","args":null},{"level":"info","pos":8,"out":"\u001B[1m\"","time":"2026-11-30T08:00:00.0050000Z","args":null}]""",
            "DELETE /log-service/stream?accountID=acme&key=a%3Ab%2Fc%20d&snapshot=true&firstLine=9 to-ken "],
            seen);
    }

    [Theory]
    [InlineData(409, """{"error_msg":"x","next_line":3}""", false, 3)]
    [InlineData(409, "somebody else's", false, 0)]
    [InlineData(409, """{"next_line":-1}""", false, 0)]
    [InlineData(400, """{"error_msg":"stream: not found"}""", true, 0)]
    [InlineData(404, """{"error_msg":"stream: not found"}""", true, 0)]
    [InlineData(500, """{"error_msg":"stream: not found"}""", true, 0)]
    public async Task What_the_service_has_of_it_is_in_the_receipt(int status, string body, bool isGone, long next)
    {
        await using var server = await TestServer.StartAsync(Answer(status, body));
        using var client = Client(server);
        Assert.Equal(new LogReceipt(isGone, next), await client.WriteAsync("t", "k", [new LogLine(7, "a\n", s_time)], Cancel));
        Assert.Equal(new LogReceipt(isGone, next), await client.CloseAsync("t", "k", 7, Cancel));
    }

    [Fact]
    public async Task Other_answers_are_refusals_in_the_services_words()
    {
        await using var server = await TestServer.StartAsync(Answer(403, """{"error_msg":"The token is not valid."}"""));
        using var client = Client(server);
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => client.OpenAsync("to-ken", "k", TimeSpan.FromMinutes(1), Cancel));
        Assert.Equal("The token is not valid.", refused.Message);
        Assert.False(refused.IsFinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_the_token()
    {
        var asked = 0;
        await using var server = await TestServer.StartAsync(context =>
        {
            asked++;
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        using var client = Client(server);
        await Assert.ThrowsAsync<RequestRefusedException>(() => client.CloseAsync("to-ken", "k", 0, Cancel));
        Assert.Equal(1, asked);
    }

    private static RequestDelegate Answer(int status, string body) => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body, Encoding.UTF8, Cancel);
    };

    private static LogServiceClient Client(TestServer server) =>
        new(new AgentHttp(new AgentHttpOptions()), new Uri(server.Address, "/log-service/"), "acme", "9.9", TimeProvider.System);
}
