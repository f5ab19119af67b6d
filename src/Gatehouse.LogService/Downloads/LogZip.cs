using System.IO.Compression;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Streams;

namespace Gatehouse.LogService.Downloads;

/// <summary>Kept logs as one zip.</summary>
internal static class LogZip
{
    public static async Task WriteAsync(Stream file, IBlobStore blobs, string account, IEnumerable<BlobFacts> logs, CancellationToken cancellationToken)
    {
        await using var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        foreach (var log in logs)
        {
            if (await blobs.ReadAsync(new StreamId(account, log.Key), cancellationToken) is not { } blob)
                continue; // Deleted meanwhile.
            await using (blob)
            {
                await using var entry = await zip.CreateEntry(NameOf(log.Key), CompressionLevel.Fastest).OpenAsync(cancellationToken);
                await blob.Stream.CopyToAsync(entry, cancellationToken);
            }
        }
    }

    /// <summary>A key as a path that stays below the folder it is unpacked in. The suffix keeps a log apart from a folder of the same name.</summary>
    private static string NameOf(string key) => string.Join('/', key.Replace('\\', '_').Split('/', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.All(c => c == '.') ? "_" : new string([.. part.Select(c => char.IsControl(c) ? '_' : c)]))) + ".log";
}
