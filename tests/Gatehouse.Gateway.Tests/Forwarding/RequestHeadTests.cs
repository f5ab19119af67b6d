using System.Text;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway.Tests.Forwarding;

/// <summary>What the HTTP server should never hand on: here it cannot become a second line, or a second request, either.</summary>
public sealed class RequestHeadTests
{
    [Theory]
    [InlineData("X\r\nEvil", "a")]
    [InlineData("X: a\r\nEvil", "a")]
    [InlineData("X Y", "a")]
    [InlineData("X\0", "a")]
    [InlineData("", "a")]
    [InlineData("X\u00e4", "a")]
    [InlineData("X", "a\r\nEvil: b")]
    [InlineData("X", "a\nb")]
    [InlineData("X", "a\rb")]
    [InlineData("X", "a\0b")]
    public void Headers_that_would_be_two_are_the_clients_fault(string name, string value)
    {
        var request = Request();
        request.Headers[name] = value;
        Assert.Throws<BadHttpRequestException>(() => Write(request));
    }

    [Theory]
    [InlineData("GET", "?a=b&c=%20/?:@", true)]
    [InlineData("GET", "", true)]
    [InlineData("GET", "?a=b c", false)]
    [InlineData("GET", "?a=b\r\nEvil: c", false)]
    [InlineData("GET", "?a=#b", false)]
    [InlineData("GET", "?\u00e4", false)]
    [InlineData("GET /evil HTTP/1.1\r\n\r\nGET", "", false)]
    [InlineData("", "", false)]
    public void Only_plain_request_lines_are_written_here(string method, string query, bool isPlain)
    {
        var request = Request();
        request.Method = method;
        request.QueryString = new QueryString(query);
        Assert.Equal(isPlain, RequestHead.IsPlain(request));
    }

    [Fact]
    public void Nobody_takes_the_host_off_and_the_path_goes_out_as_it_was_read()
    {
        var request = Request();
        request.Headers.Connection = "host, x-private";
        request.Headers["X-Private"] = "1";
        request.Headers["Content-Length"] = "5";
        request.Headers["Transfer-Encoding"] = "chunked";
        Assert.Equal("GET /base/a%20b/..%0D%0A%C3%A4 HTTP/1.1\r\nHost: customer1.agent.test\r\nTransfer-Encoding: chunked\r\nX-Forwarded-For: unknown\r\nX-Forwarded-Proto: https\r\n\r\n",
            Write(request, new RequestTarget("/base", "/a b/..\r\n\u00e4")));
    }

    private static HttpRequest Request()
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Protocol, request.Host) = ("GET", HttpProtocol.Http11, new HostString("customer1.agent.test"));
        return request;
    }

    private static string Write(HttpRequest request, RequestTarget? target = null)
    {
        var client = new AgentConnection(new DefaultConnectionContext(), new AgentTarget("customer1.agent.test", null), PresentedChain.None, ConnectionVerdict.Plain());
        var options = new GatewayOptions { AgentDomain = "agent.test", SharedHosts = [], CertificatePath = "", CertificateKeyPath = "" };
        var output = new SendBuffer();
        RequestHead.Write(output, request, target ?? new RequestTarget("", "/x"), request.Headers.TransferEncoding.Count > 0 ? ChunkedBody(request) : RequestBody.Of(request), client, new ForwardedIdentity(options));
        return Encoding.UTF8.GetString(output.Written.Span);
    }

    // As the HTTP server leaves it: of the two framings only the chunked one holds.
    private static RequestBody ChunkedBody(HttpRequest request)
    {
        request.ContentLength = null;
        return RequestBody.Of(request);
    }
}
