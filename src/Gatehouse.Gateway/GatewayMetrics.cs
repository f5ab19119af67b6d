using System.Diagnostics.Metrics;
using System.Security.Authentication;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>The gateway's counters. Accounts and addresses are not tags: they are unbounded, and belong to refusals and logs.</summary>
internal sealed class GatewayMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Gatehouse.Gateway";

    // Seconds. Where nothing is advised the first bucket ends at five of them.
    private static readonly InstrumentAdvice<double> s_buckets = new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15] };

    private readonly Histogram<double> _handshakes;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _revoked;

    public GatewayMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _handshakes = meter.CreateHistogram<double>("gatehouse.gateway.handshake.duration", "s", "From accept to verdict; error.type when it failed.", tags: null, s_buckets);
        _connections = meter.CreateUpDownCounter<long>("gatehouse.gateway.connections", "{connection}", "Admitted connections that are open.");
        _refusals = meter.CreateCounter<long>("gatehouse.gateway.refusals", "{refusal}", "Clients and requests turned away, by code.");
        _revoked = meter.CreateCounter<long>("gatehouse.gateway.revoked", "{connection}", "Open connections ended by a change of trust, by code.");
    }

    public void HandshakeDone(ConnectionVerdict verdict, SslProtocols protocol, TimeSpan duration)
    {
        if (!_handshakes.Enabled)
            return;
        _handshakes.Record(duration.TotalSeconds,
            new("tls.protocol.version", protocol == SslProtocols.Tls13 ? "1.3" : "1.2"),
            new("gatehouse.verdict", verdict.Refusal is not null ? "refused" : verdict.Authority is not null ? "mtls" : "plain"));
    }

    public void HandshakeFailed(string errorType, TimeSpan duration) =>
        _handshakes.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("error.type", errorType));

    public void ConnectionOpened(bool mtls) => _connections.Add(1, new KeyValuePair<string, object?>("gatehouse.mtls", mtls));

    public void ConnectionClosed(bool mtls) => _connections.Add(-1, new KeyValuePair<string, object?>("gatehouse.mtls", mtls));

    public void Refused(RefusalCode code) => _refusals.Add(1, new KeyValuePair<string, object?>("gatehouse.refusal", code.Name()));

    public void Revoked(RefusalCode code) => _revoked.Add(1, new KeyValuePair<string, object?>("gatehouse.refusal", code.Name()));
}
