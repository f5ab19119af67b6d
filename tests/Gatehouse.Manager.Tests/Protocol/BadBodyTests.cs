using System.Net;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Protocol;

public sealed class BadBodyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[1,2]")]
    [InlineData("null")]
    [InlineData("""{"id":7}""")]
    [InlineData("{}")]
    public async Task The_admin_API_says_what_is_wrong_with_a_body(string body)
    {
        await using var host = await ManagerHost.StartAsync();
        using var response = await host.Operator.PostAsync(new Uri(Routes.Operator.Accounts, UriKind.Relative), Json(body));
        await response.IsProblemAsync(HttpStatusCode.BadRequest, body == "{}" ? "invalid_account_id" : "invalid_request");
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        await using var host = await ManagerHost.StartAsync();
        var body = $$"""{"id":"a","deep":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";
        using var response = await host.Operator.PostAsync(new Uri(Routes.Operator.Accounts, UriKind.Relative), Json(body));
        Assert.Contains("nested", await response.IsProblemAsync(HttpStatusCode.BadRequest, "invalid_request"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Thirty_megabytes_are_refused(bool chunked)
    {
        await using var host = await ManagerHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Routes.Operator.Accounts) { Content = new ByteArrayContent(new byte[30 * 1024 * 1024]) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await host.Operator.SendAsync(request);
        await response.IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, "invalid_request");
    }

    [Theory]
    [InlineData("not json", "INVALID_REQUEST")]
    [InlineData("""{"tags":"one"}""", "INVALID_REQUEST")]
    public async Task The_delegate_protocol_answers_in_its_wrapper(string body, string code)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        using var response = await worker.SendAsync(HttpMethod.Post, Routes.Agent.Register, Json(body));
        await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task Unknown_paths_are_told_in_the_form_of_their_listener()
    {
        await using var host = await ManagerHost.StartAsync();
        using var agent = await host.Agent.GetAsync(new Uri("/api/nothing", UriKind.Relative));
        await agent.IsProtocolErrorAsync(HttpStatusCode.NotFound, ProtocolErrorCode.ResourceNotFound);
        using var admin = await host.Operator.GetAsync(new Uri("/api/v1/nothing", UriKind.Relative));
        await admin.IsProblemAsync(HttpStatusCode.NotFound, "not_found");
        using var through = await host.Agent.GetAsync(new Uri(Routes.Operator.Accounts, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, through.StatusCode); // Never reachable through the agent listener.
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
