using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;

namespace Gatehouse.Client.Tests;

public sealed class RefusalReaderTests
{
    [Fact]
    public void Our_refusal_is_read_whole()
    {
        var refusal = new Refusal(RefusalCode.CertificateExpired, "It ended in May.", "Renew it.");
        var read = Read(HttpStatusCode.Forbidden, JsonSerializer.Serialize(RefusalBody.Of(refusal), ContractsJson.Default.RefusalBody), ("Gatehouse-Refusal", "certificate_expired"));
        Assert.Equal(("certificate_expired", "It ended in May.", "Renew it."), (read.Code, read.Message, read.NextStep));
        Assert.True(read.IsRefusal);
        Assert.False(read.IsFinal);
    }

    [Theory]
    [InlineData(401, """{"metaData":null,"resource":null,"responseMessages":[{"code":"A","message":"first"},{"code":"INVALID_TOKEN","message":"last"}]}""", "INVALID_TOKEN", "last", false)]
    [InlineData(404, """{"type":"x","title":"Gone","detail":"No such thing.","code":"task_not_found"}""", "task_not_found", "No such thing.", true)]
    [InlineData(403, """{"responseMessages":[{"code":"ACCESS_DENIED","message":"Not yours."}]}""", "ACCESS_DENIED", "Not yours.", true)]
    [InlineData(502, "<html>Bad Gateway</html>", "HTTP_502", "The answer was HTTP 502 (BadGateway) without a reason that can be read: “<html>Bad Gateway</html>”.", false)]
    [InlineData(503, "", "HTTP_503", "The answer was HTTP 503 (ServiceUnavailable) without a reason that can be read.", false)]
    [InlineData(400, "[1]", "HTTP_400", "The answer was HTTP 400 (BadRequest) without a reason that can be read: “[1]”.", true)]
    [InlineData(400, """{"code":5,"responseMessages":[1]}""", "HTTP_400", "The answer was HTTP 400 (BadRequest) without a reason that can be read: “{\"code\":5,\"responseMessages\":[1]}”.", true)]
    public void Others_are_read_as_far_as_they_go(int status, string body, string code, string message, bool isFinal)
    {
        var read = Read((HttpStatusCode)status, body);
        Assert.Equal((code, message, isFinal), (read.Code, read.Message, read.IsFinal));
    }

    [Fact]
    public void What_a_peer_sends_cannot_forge_lines_or_fill_the_log()
    {
        var read = Read(HttpStatusCode.Forbidden, JsonSerializer.Serialize(new { code = "x\n2026 ERROR", message = "a\r\n\u001b[31mred\u2028" + new string('y', 10_000), nextStep = "z\0" }));
        Assert.DoesNotContain(read.Code + read.Message + read.NextStep, c => char.IsControl(c) || c == '\u2028');
        Assert.True(read.Message.Length < 700);
    }

    [Fact]
    public void Every_prefix_of_a_body_is_survived()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(RefusalBody.Of(new Refusal(RefusalCode.MtlsRequired, "Grün ☂", "Go.")), ContractsJson.Default.RefusalBody);
        using var response = new HttpResponseMessage();
        for (var length = 0; length <= body.Length; length++)
            Assert.NotEmpty(RefusalReader.Read(HttpStatusCode.Forbidden, response.Headers, body.AsSpan(0, length)).Message);
    }

    private static RequestRefusedException Read(HttpStatusCode status, string body, params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach (var (name, value) in headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return RefusalReader.Read(status, response.Headers, Encoding.UTF8.GetBytes(body));
    }
}
