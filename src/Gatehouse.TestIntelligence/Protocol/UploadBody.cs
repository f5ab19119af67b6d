using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>
/// Receives bodies as they come, content type or not, and hands them on uncompressed. A body is received as a whole, into a file when it is large, before anything
/// is done with it: a slow client holds a file, never memory or the database. Then a few at a time are worked on.
/// </summary>
internal sealed class UploadBody(TestIntelligenceOptions options) : IDisposable
{
    private const int InMemory = 256 * 1024;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _perAccount = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _working = new(TiLimits.ConcurrentWork, TiLimits.ConcurrentWork);

    /// <summary>Receives, uncompresses within <paramref name="limit"/> bytes, and works.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limit">Bytes after uncompressing.</param>
    /// <param name="work">Given the body; runs on the thread pool.</param>
    /// <param name="alwaysGzip">The route whose bodies are compressed without saying so.</param>
    /// <exception cref="InputException">It is empty, too large, or not what it says it is.</exception>
    public async Task<T> ReadAsync<T>(HttpContext http, long limit, Func<Stream, CancellationToken, Task<T>> work, bool alwaysGzip = false)
    {
        var aborted = http.RequestAborted;
        var isGzip = alwaysGzip || IsGzip(http.Request);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = TiLimits.MaxUploadBytes;
        var account = _perAccount.GetOrAdd(new TiQuery(http.Request).Account, _ => new SemaphoreSlim(TiLimits.UploadsPerAccount, TiLimits.UploadsPerAccount));
        await account.WaitAsync(aborted);
        try
        {
            PrivateFolder.Ensure(options.SpoolFolder);
            await using var received = new FileBufferingReadStream(http.Request.Body, InMemory, null, options.SpoolFolder);
            await received.DrainAsync(aborted);
            if (received.Length == 0)
                throw new InputException("The request has no body.");
            received.Position = 0;
            await _working.WaitAsync(aborted);
            try
            {
                await using var plain = new BoundedStream(isGzip ? new GZipStream(received, CompressionMode.Decompress, leaveOpen: true) : received, limit);
                return await work(plain, aborted);
            }
            catch (InvalidDataException e)
            {
                throw new InputException(e.Message);
            }
            finally
            {
                _working.Release();
            }
        }
        finally
        {
            account.Release();
        }
    }

    /// <summary>Receives JSON.</summary>
    /// <exception cref="InputException">It is not of the form that <paramref name="type"/> describes.</exception>
    public Task<T> ReadJsonAsync<T>(HttpContext http, JsonTypeInfo<T> type, long limit = TiLimits.MaxQuestionBytes)
        where T : class => ReadAsync(http, limit, async (body, cancel) =>
        {
            try
            {
                return await JsonSerializer.DeserializeAsync(body, type, cancel) ?? throw new InputException("The body is JSON null; send an object.");
            }
            catch (JsonException e)
            {
                throw new InputException(Describe(e));
            }
        });

    public static string Describe(JsonException e)
    {
        var where = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
        return e.Path is { Length: > 1 and <= 128 } path
            ? $"The body's {TiQuery.Bounded(path[1..].TrimStart('.'))} is not JSON of the expected form{where}."
            : $"The body is not JSON of the expected form{where}.";
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _working.Dispose();
        foreach (var account in _perAccount.Values)
            account.Dispose();
    }

    private static bool IsGzip(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => false,
        "gzip" or "x-gzip" => true,
        var other => throw new InputException($"The header Content-Encoding is '{TiQuery.Bounded(other)}'; send gzip, or nothing.", StatusCodes.Status415UnsupportedMediaType),
    };
}
