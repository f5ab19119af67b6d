using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.LogService.Protocol;

#pragma warning disable IDE1006 // Names of the wire.
internal sealed record ErrorBody(string error_msg);
#pragma warning restore IDE1006

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class LogJson : JsonSerializerContext;

/// <summary>Answers in the service's form (sheet §4): errors as indented JSON that no cache keeps, the rest as bare text.</summary>
internal static class LogAnswers
{
    public static IResult Error(int status, string message) => new JsonAnswer<ErrorBody>(status, new ErrorBody(message), LogJson.Default.ErrorBody);

    public static IResult NotFound() => Error(StatusCodes.Status404NotFound, "stream: not found");

    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) => new JsonAnswer<T>(status, value, type);

    public static IResult Text(string text) => TypedResults.Text(text, "text/plain; charset=utf-8");

    /// <summary>A denial as the manager would answer it, readable for log clients, too.</summary>
    public static IResult Denied(AgentDenial denial) => new DeniedAnswer(denial);

    private static void Prepare(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-cache, private, max-age=0";
        response.Headers.Pragma = "no-cache";
        response.Headers["X-Accel-Expires"] = "0";
        response.Headers.Expires = "Thu, 01 Jan 1970 00:00:00 GMT";
    }

    private sealed class JsonAnswer<T>(int status, T value, JsonTypeInfo<T> type) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            Prepare(httpContext.Response, status);
            return JsonSerializer.SerializeAsync(httpContext.Response.Body, value, type, httpContext.RequestAborted);
        }
    }

    private sealed class DeniedAnswer(AgentDenial denial) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            Prepare(httpContext.Response, denial.Status);
            httpContext.Response.Headers[HeaderNames.HarnessError] = denial.Code;
            if (denial.Refusal is { } refusal)
                httpContext.Response.Headers[HeaderNames.GatehouseRefusal] = refusal.Code.Name();
            await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter, new JsonWriterOptions { Indented = true });
            json.WriteStartObject();
            json.WriteString("error_msg", denial.Message);
            json.WriteString("message", denial.Message);
            json.WriteString("code", denial.Refusal?.Code.Name() ?? denial.Code);
            if (denial.Refusal is { } refused)
                json.WriteString("nextStep", refused.NextStep);
            json.WriteEndObject();
        }
    }
}
