namespace Gatehouse.LogService.Journal;

/// <summary>Lines that a writer sent together.</summary>
/// <param name="FirstLine">The number of the first, when the writer counts.</param>
/// <param name="Ndjson">The lines.</param>
internal readonly record struct JournalEntry(long? FirstLine, ReadOnlyMemory<byte> Ndjson);

/// <summary>The file of one open stream. One thread at a time, under its lock.</summary>
internal sealed class JournalFile(string path)
{
    public string Path => path;

    public Lock Lock { get; } = new();

    /// <summary>Bytes in the file; 0: it is not there yet.</summary>
    public long Length { get; set; }

    /// <summary>What is in the file is not whole: the next time it is written anew.</summary>
    public bool MustRewrite { get; set; }

    /// <summary>The stream is gone; nothing may be written any more.</summary>
    public bool IsDeleted { get; set; }
}
