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

    /// <summary>An answer of megabytes: it goes out while it is written, and never lies in memory as a whole.</summary>
    public static IResult LongJson<T>(T value, JsonTypeInfo<T> type) => new JsonAnswer<T>(StatusCodes.Status200OK, value, type) { IsLong = true };

    /// <summary>A long answer that is written by hand, where the serializer would take longer than working it out.</summary>
    public static IResult Written(Func<Utf8JsonWriter, CancellationToken, Task> write) => new WrittenAnswer(write);

    public static IResult Error(int status, string message) => new JsonAnswer<TiError>(status, new TiError(message, message), TiJson.Default.TiError);

    public static IResult Denied(AgentDenial denial) => new JsonAnswer<TiError>(
        denial.Status, new TiError(denial.Message, denial.Message, denial.Refusal is { } refusal ? refusal.Code.Name() : null, denial.Refusal?.NextStep), TiJson.Default.TiError)
    {
        Refusal = denial.Refusal,
    };

    private sealed class JsonAnswer<T>(int status, T value, JsonTypeInfo<T> type) : IResult
    {
        public Refusal? Refusal { get; init; }

        public bool IsLong { get; init; }

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = "application/json";
            response.Headers.CacheControl = "no-store";
            if (Refusal is { } refusal)
                response.Headers[HeaderNames.GatehouseRefusal] = refusal.Code.Name();
            if (IsLong)
            {
                await SendAsync(httpContext);
                return;
            }
            var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
            if (bytes.Length < WorthCompressing || !Accepts(httpContext.Request))
            {
                response.ContentLength = bytes.Length;
                await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
                return;
            }
            await using var gzip = Compressed(response);
            await gzip.WriteAsync(bytes, httpContext.RequestAborted);
        }

        private async Task SendAsync(HttpContext http)
        {
            if (!Accepts(http.Request))
            {
                await JsonSerializer.SerializeAsync(http.Response.BodyWriter, value, type, http.RequestAborted);
                return;
            }
            await using var gzip = Compressed(http.Response);
            await JsonSerializer.SerializeAsync(gzip, value, type, http.RequestAborted);
        }
    }

    private sealed class WrittenAnswer(Func<Utf8JsonWriter, CancellationToken, Task> write) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = "application/json";
            response.Headers.CacheControl = "no-store";
            if (!Accepts(httpContext.Request))
            {
                await WriteAsync(response.Body, httpContext.RequestAborted);
                return;
            }
            await using var gzip = Compressed(response);
            await WriteAsync(gzip, httpContext.RequestAborted);
        }

        private async Task WriteAsync(Stream stream, CancellationToken aborted)
        {
            await using var json = new Utf8JsonWriter(stream);
            await write(json, aborted);
        }
    }

    private static GZipStream Compressed(HttpResponse response)
    {
        response.Headers.ContentEncoding = "gzip";
        response.Headers.Vary = "Accept-Encoding";
        return new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }

    private static bool Accepts(HttpRequest request) => StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)
        && accepted.Any(encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && encoding.Quality is null or > 0);
}
