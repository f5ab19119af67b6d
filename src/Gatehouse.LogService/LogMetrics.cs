using System.Diagnostics.Metrics;

namespace Gatehouse.LogService;

/// <summary>The log service's figures. No account and no key is a tag: those are unbounded.</summary>
internal sealed class LogMetrics
{
    public const string MeterName = "Gatehouse.LogService";

    // Seconds. Where nothing is advised the first bucket ends at five of them.
    private static readonly InstrumentAdvice<double> s_buckets = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300] };

    private readonly Counter<long> _lines, _missed, _streams, _expired, _refused;
    private readonly Counter<long> _bytes;
    private readonly UpDownCounter<long> _tails;
    private readonly Histogram<double> _blobWrites;

    public LogMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _lines = meter.CreateCounter<long>("gatehouse.log.lines", "{line}", "Lines that were acknowledged");
        _bytes = meter.CreateCounter<long>("gatehouse.log.bytes", "By", "Bytes of these lines");
        _missed = meter.CreateCounter<long>("gatehouse.log.tail.missed", "{line}", "Lines that a tail was too slow for");
        _tails = meter.CreateUpDownCounter<long>("gatehouse.log.tails", "{connection}", "Open tails");
        _streams = meter.CreateCounter<long>("gatehouse.log.streams", "{stream}", "Streams that were opened, closed, or expired unclosed");
        _blobWrites = meter.CreateHistogram<double>("gatehouse.log.blob.write.duration", "s", "Time until a blob was durable; error.type when it was not", tags: null, s_buckets);
        _expired = meter.CreateCounter<long>("gatehouse.log.blobs.expired", "{blob}", "Blobs that were deleted when their time was over");
        _refused = meter.CreateCounter<long>("gatehouse.log.uploads.refused", "{request}", "Uploads that were refused, which runners take for success");
    }

    public void Written(int lines, long bytes)
    {
        _lines.Add(lines);
        _bytes.Add(bytes);
    }

    public void TailOpened() => _tails.Add(1);

    public void TailEnded() => _tails.Add(-1);

    public void Missed(long lines) => _missed.Add(lines);

    /// <param name="state"><c>opened</c>, <c>closed</c> or <c>expired</c>.</param>
    /// <param name="count">How many.</param>
    public void StreamsBecame(string state, int count = 1) => _streams.Add(count, new KeyValuePair<string, object?>("gatehouse.log.stream.state", state));

    public void BlobWritten(TimeSpan took) => _blobWrites.Record(took.TotalSeconds);

    /// <param name="took">Until it failed.</param>
    /// <param name="errorType"><c>store_unavailable</c>, <c>out_of_space</c>, <c>client_gone</c> or <c>io</c>.</param>
    public void BlobFailed(TimeSpan took, string errorType) => _blobWrites.Record(took.TotalSeconds, new KeyValuePair<string, object?>("error.type", errorType));

    /// <param name="reason"><c>link</c>, <c>account</c>, <c>admission</c>, <c>token</c>, <c>key</c> or <c>size</c>.</param>
    public void UploadRefused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("gatehouse.log.refusal", reason));

    public void BlobsExpired(long count) => _expired.Add(count);
}
