using System.Net;
using System.Text.Json;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>Reads errors of both forms.</summary>
internal static class Answer
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    /// <summary>Checks the wrapper's error and returns its sentence.</summary>
    public static async Task<string> IsProtocolErrorAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {body}");
        Assert.Equal(code, Assert.Single(response.Headers.GetValues("X-Harness-Error")));
        var root = JsonDocument.Parse(body).RootElement;
        Assert.Equal(JsonValueKind.Null, root.GetProperty("resource").ValueKind);
        var message = root.GetProperty("responseMessages").EnumerateArray().Last();
        Assert.Equal((code, "ERROR"), (message.GetProperty("code").GetString(), message.GetProperty("level").GetString()));
        return IsSentence(message.GetProperty("message").GetString());
    }

    /// <summary>Checks the RFC 9457 problem and returns its sentence.</summary>
    public static async Task<string> IsProblemAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var root = JsonDocument.Parse(body).RootElement;
        Assert.Equal(code, root.GetProperty("code").GetString());
        Assert.Equal((int)status, root.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(root.GetProperty("traceId").GetString()));
        return IsSentence(root.GetProperty("detail").GetString());
    }

    private static string IsSentence(string? text)
    {
        Assert.NotNull(text);
        Assert.EndsWith(".", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal); // No stack trace.
        return text;
    }
}
