using System.Buffers;
using System.IO.Pipelines;
using Gatehouse.Contracts;

namespace Gatehouse.Client.Operator;

public sealed partial class OperatorClient
{
    /// <summary>Bytes of one line; the service cuts a line's text at 25,600 bytes, each of which may take six as JSON.</summary>
    private const int MaxLogLineBytes = 1024 * 1024;

    /// <summary>
    /// Reads a log as lines of JSON, from where <paramref name="cursor"/> is: one that is open and one that is kept. Whether it came to its end, or the connection
    /// broke, is in the cursor.
    /// </summary>
    /// <param name="accountId">The account.</param>
    /// <param name="key">The log's key.</param>
    /// <param name="follow">Of an open log, go on until it is closed.</param>
    /// <param name="cursor">Moves with every line.</param>
    /// <param name="line">Takes each line without its line feed; must not keep the memory.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task ReadLogAsync(string accountId, string key, bool follow, LogCursor cursor, Func<ReadOnlyMemory<byte>, Task> line, CancellationToken cancellationToken)
    {
        var path = Query(Path(Routes.Operator.Log, accountId), ("key", key), ("follow", follow ? "true" : null), ("from", Invariant(cursor.Next)));
        using var response = await _transport.OpenStreamAsync(path, cancellationToken);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken));
        cursor.End = LogEnd.Broken;
        while (true)
        {
            ReadResult result;
            try
            {
                result = await reader.ReadAsync(cancellationToken);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                return;
            }

            var rest = result.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var one = rest.Slice(0, end).ToArray();
                rest = rest.Slice(rest.GetPosition(1, end));
                if (cursor.Takes(one))
                {
                    await line(one);
                }
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (result.IsCompleted || rest.Length > MaxLogLineBytes)
            {
                return;
            }
        }
    }

    /// <summary>Writes all kept logs whose key begins with <paramref name="prefix"/> as a zip.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="prefix">Beginning of keys, as plain text.</param>
    /// <param name="file">Takes the zip. What it throws is passed on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="IOException">The connection broke: what is in the file is no zip.</exception>
    public async Task DownloadLogsAsync(string accountId, string prefix, Stream file, CancellationToken cancellationToken)
    {
        using var response = await _transport.OpenStreamAsync(Query(Path(Routes.Operator.LogsZip, accountId), ("prefix", prefix)), cancellationToken);
        await response.Content.CopyToAsync(file, cancellationToken);
    }
}
