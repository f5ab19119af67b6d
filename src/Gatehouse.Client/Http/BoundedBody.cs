namespace Gatehouse.Client;

/// <summary>Reads a peer's answer under a bound.</summary>
internal static class BoundedBody
{
    /// <exception cref="IOException">It is larger than <paramref name="limit"/> bytes.</exception>
    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancel)
    {
        using var body = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[(int)Math.Clamp(response.Content.Headers.ContentLength ?? 4096, 0, limit) + 1];
        var length = 0;
        int read;
        while ((read = await body.ReadAsync(buffer.AsMemory(length), cancel)) > 0)
        {
            length += read;
            if (length > limit)
                throw new IOException($"the answer is larger than {limit} bytes");
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, limit + 1));
        }

        return buffer.AsMemory(0, length);
    }
}
