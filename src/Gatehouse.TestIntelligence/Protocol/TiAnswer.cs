using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;
using Gatehouse.Contracts.TestIntelligence;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using HeaderNames = Gatehouse.Contracts.HeaderNames;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>What goes back: JSON, compressed for whom asks for it when there is enough of it, and errors under both names that clients look for.</summary>
internal static class TiAnswer
{
    /// <summary>Below this many bytes compressing costs more than it saves.</summary>
    private const int WorthCompressing = 1024;

    public static IResult Json<T>(T value, JsonTypeInfo<T> type) => new JsonAnswer<T>(StatusCodes.Status200OK, value, type);

    public static IResult Error(int status, string message) => new JsonAnswer<TiError>(status, new TiError(message, message), TiJson.Default.TiError);

    public static IResult Denied(AgentDenial denial) => new JsonAnswer<TiError>(
        denial.Status, new TiError(denial.Message, denial.Message, denial.Refusal is { } refusal ? refusal.Code.Name() : null, denial.Refusal?.NextStep), TiJson.Default.TiError)
    {
        Refusal = denial.Refusal,
    };

    private sealed class JsonAnswer<T>(int status, T value, JsonTypeInfo<T> type) : IResult
    {
        public Refusal? Refusal { get; init; }

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = "application/json";
            response.Headers.CacheControl = "no-store";
            if (Refusal is { } refusal)
                response.Headers[HeaderNames.GatehouseRefusal] = refusal.Code.Name();
            var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
            if (bytes.Length < WorthCompressing || !Accepts(httpContext.Request))
            {
                response.ContentLength = bytes.Length;
                await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
                return;
            }
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(bytes, httpContext.RequestAborted);
        }

        private static bool Accepts(HttpRequest request) => StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)
            && accepted.Any(encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && encoding.Quality is null or > 0);
    }
}
