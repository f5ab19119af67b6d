using System.Buffers;
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
/// is done with it: a slow client holds a file, never memory or the database. Then a few at a time are worked on: large ones one of each account, small ones past them.
/// </summary>
internal sealed class UploadBody(TestIntelligenceOptions options, AccountSpace space) : IDisposable
{
    private const int InMemory = 256 * 1024;

    private readonly PerAccountSlots _received = new(TiLimits.UploadsPerAccount);
    private readonly PerAccountSlots _large = new(1);
    private readonly PerAccountSlots _small = new(TiLimits.SmallWorkPerAccount);
    private readonly SemaphoreSlim _working = new(TiLimits.ConcurrentWork, TiLimits.ConcurrentWork);
    private readonly SemaphoreSlim _workingSmall = new(TiLimits.ConcurrentSmallWork, TiLimits.ConcurrentSmallWork);

    /// <summary>Receives, uncompresses within <paramref name="limit"/> bytes, and works.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limit">Bytes after uncompressing.</param>
    /// <param name="work">Given the body; runs on the thread pool.</param>
    /// <param name="alwaysGzip">The route whose bodies are compressed without saying so.</param>
    /// <param name="isKept">What is in it is kept: there must be room.</param>
    /// <param name="isAnswered">What <paramref name="work"/> returns is a question: it is in memory until it is answered, and so long its places are taken.</param>
    /// <exception cref="InputException">It is empty, too large, or not what it says it is.</exception>
    public async Task<T> ReadAsync<T>(HttpContext http, long limit, Func<Stream, CancellationToken, Task<T>> work, bool alwaysGzip = false, bool isKept = false, bool isAnswered = false)
    {
        var aborted = http.RequestAborted;
        var isGzip = alwaysGzip || IsGzip(http.Request);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = TiLimits.MaxUploadBytes;
        var account = new TiQuery(http.Request).Account;
        if (isKept && space.Refusal(account) is { } full)
            throw full;
        using var places = new BodyPlaces(await _received.EnterAsync(account, aborted));
        PrivateFolder.Ensure(options.SpoolFolder);
        await using var received = new FileBufferingReadStream(http.Request.Body, InMemory, null, options.SpoolFolder);
        await received.DrainAsync(aborted);
        if (received.Length == 0)
            throw new InputException("The request has no body.");
        if (isKept && space.Refusal(account, received.Length) is { } tooMuch)
            throw tooMuch;
        var isSmall = IsSmall(received, isGzip);
        var (slots, working) = isSmall ? (_small, _workingSmall) : (_large, _working);
        var share = await slots.EnterAsync(account, aborted);
        using var smallShare = isSmall ? share : null;
        if (!isSmall)
            places.Add(share);
        await working.WaitAsync(aborted);
        try
        {
            received.Position = 0;
            await using var plain = new BoundedStream(isGzip ? new GZipStream(received, CompressionMode.Decompress, leaveOpen: true) : received, limit);
            var result = await work(plain, aborted);
            if (isKept)
                space.Add(account, plain.Position);
            if (isAnswered)
                places.HoldFor(http);
            return result;
        }
        catch (InvalidDataException e)
        {
            throw new InputException(e.Message);
        }
        finally
        {
            working.Release();
        }
    }

    /// <summary>Receives JSON.</summary>
    /// <exception cref="InputException">It is not of the form that <paramref name="type"/> describes.</exception>
    public Task<T> ReadJsonAsync<T>(HttpContext http, JsonTypeInfo<T> type, long limit = TiLimits.MaxQuestionBytes, bool isKept = false)
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
        }, isKept: isKept, isAnswered: true);

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
        _workingSmall.Dispose();
        _received.Dispose();
        _large.Dispose();
        _small.Dispose();
    }

    /// <summary>What unpacks to little is small, whatever it is packed in; no more than that much is unpacked to find out.</summary>
    private static bool IsSmall(FileBufferingReadStream received, bool isGzip)
    {
        if (!isGzip || received.Length > TiLimits.SmallBody)
            return received.Length <= TiLimits.SmallBody;
        received.Position = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            using var plain = new GZipStream(received, CompressionMode.Decompress, leaveOpen: true);
            long total = 0;
            while (total <= TiLimits.SmallBody && plain.Read(buffer) is > 0 and var read)
                total += read;
            return total <= TiLimits.SmallBody;
        }
        catch (InvalidDataException)
        {
            return true; // Whoever reads it says so.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsGzip(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => false,
        "gzip" or "x-gzip" => true,
        var other => throw new InputException($"The header Content-Encoding is '{TiQuery.Bounded(other)}'; send gzip, or nothing.", StatusCodes.Status415UnsupportedMediaType),
    };
}
