namespace Gatehouse.LogService.Streams;

/// <summary>What a stream holds, and what is known of the blob of its key.</summary>
/// <param name="Parts">Its lines, in order.</param>
/// <param name="EarlierBytes">
/// How many bytes at the blob's beginning are older than the stream, so that lines are kept once however often it is tried; <see cref="Uploaded"/>; null
/// when nobody has asked yet.
/// </param>
internal sealed record StreamLines(IReadOnlyList<ReadOnlyMemory<byte>> Parts, long? EarlierBytes)
{
    /// <summary>The stream's client has uploaded a blob since it was opened: that is its log.</summary>
    public const long Uploaded = -1;

    /// <summary>Bytes of all lines.</summary>
    public long Length => Parts.Sum(part => (long)part.Length);
}
