using System.Net;

namespace Gatehouse.Gateway;

/// <summary>
/// Who is refused again and again is turned away at the ClientHello, before any work with keys. One token bucket for each endpoint and address
/// (ADR 0012): refused attempts take a token, accepted ones none, and where the bucket is empty nobody is admitted until it fills again.
/// Delegates of one site share an address: where one was accepted lately, ten times as much is allowed, so that a delegate that is refused
/// in a loop does not keep its neighbours out. Bounded, and thread-safe without one lock for all.
/// </summary>
/// <param name="refusalsPerSecond">Tokens that come back a second, for one endpoint and address; 0: no limit.</param>
/// <param name="time">Its monotonic clock counts.</param>
internal sealed class RefusalRateLimit(int refusalsPerSecond, TimeProvider time)
{
    /// <summary>Buckets kept, over all; when full, those that were not used for longest are forgotten.</summary>
    public const int MaxBuckets = 16 * 1024;

    /// <summary>Where somebody was accepted: so many times as much.</summary>
    public const int SharedAddressFactor = 10;

    /// <summary>A full bucket has so many seconds' worth of tokens: a fleet that comes back with the wrong certificate is told so, each of it.</summary>
    private const int BurstSeconds = 10;

    /// <summary>How long an accepted delegate speaks for its address.</summary>
    private static readonly TimeSpan s_acceptedCounts = TimeSpan.FromDays(1);

    private readonly BucketTable[] _tables = [.. Enumerable.Range(0, 16).Select(_ => new BucketTable(MaxBuckets / 16))];

    /// <summary>Buckets there are now.</summary>
    public int Buckets => _tables.Sum(table => table.Count);

    /// <summary>False when a client at this address has to be turned away from this endpoint. Takes no token.</summary>
    public bool TryAdmit(EndpointSnapshot? endpoint, IPAddress? address)
    {
        if (refusalsPerSecond == 0)
            return true;
        var key = KeyOf(endpoint, address);
        var table = TableOf(key);
        lock (table)
        {
            if (table.Find(key) is not { } bucket)
                return true;
            Refill(bucket, time.GetTimestamp());
            return bucket.Tokens >= 1;
        }
    }

    /// <summary>An attempt came to nothing after it was admitted.</summary>
    public void Refused(EndpointSnapshot? endpoint, IPAddress? address)
    {
        if (refusalsPerSecond == 0)
            return;
        var (key, now) = (KeyOf(endpoint, address), time.GetTimestamp());
        var table = TableOf(key);
        lock (table)
        {
            var bucket = Get(table, key, now);
            Refill(bucket, now);
            // Below zero: what was admitted side by side is paid back, but never more than a full bucket.
            bucket.Tokens = Math.Max(bucket.Tokens - 1, -Capacity(bucket, now));
        }
    }

    /// <summary>A client was accepted.</summary>
    public void Accepted(EndpointSnapshot? endpoint, IPAddress? address)
    {
        if (refusalsPerSecond == 0)
            return;
        var (key, now) = (KeyOf(endpoint, address), time.GetTimestamp());
        var table = TableOf(key);
        lock (table)
        {
            var bucket = Get(table, key, now);
            Refill(bucket, now);
            bucket.AcceptedAt = now;
        }
    }

    private Bucket Get(BucketTable table, BucketKey key, long now) =>
        table.Find(key) ?? table.Add(key, new Bucket { Tokens = refusalsPerSecond * BurstSeconds, FilledAt = now });

    private void Refill(Bucket bucket, long now)
    {
        bucket.Tokens = Math.Min(bucket.Tokens + (time.GetElapsedTime(bucket.FilledAt, now).TotalSeconds * Rate(bucket, now)), Capacity(bucket, now));
        bucket.FilledAt = now;
    }

    private double Capacity(Bucket bucket, long now) => Rate(bucket, now) * BurstSeconds;

    private double Rate(Bucket bucket, long now) =>
        bucket.AcceptedAt is { } accepted && time.GetElapsedTime(accepted, now) < s_acceptedCounts ? refusalsPerSecond * (double)SharedAddressFactor : refusalsPerSecond;

    private BucketTable TableOf(BucketKey key) => _tables[(uint)HashCode.Combine(key.Account, key.Address.Bits) % (uint)_tables.Length];

    private static BucketKey KeyOf(EndpointSnapshot? endpoint, IPAddress? address) => new(endpoint?.AccountId ?? "", AddressPrefix.Of(address));

    private readonly record struct BucketKey(string Account, AddressPrefix Address);

    private sealed class Bucket
    {
        public double Tokens;
        public long FilledAt;
        public long? AcceptedAt;
    }

    /// <summary>Buckets by key, bounded. Its own lock.</summary>
    private sealed class BucketTable(int capacity)
    {
        private readonly Dictionary<BucketKey, Bucket> _buckets = [];

        public int Count
        {
            get
            {
                lock (this)
                    return _buckets.Count;
            }
        }

        public Bucket? Find(BucketKey key) => _buckets.GetValueOrDefault(key);

        public Bucket Add(BucketKey key, Bucket bucket)
        {
            if (_buckets.Count >= capacity)
                ForgetOldest();
            return _buckets[key] = bucket;
        }

        // A quarter at a time, so that a look at all is paid by many. Those of the longest silence are full again, or nearly.
        private void ForgetOldest()
        {
            var times = _buckets.Values.Select(bucket => bucket.FilledAt).Order().ToArray();
            var limit = times[times.Length / 4];
            foreach (var (key, bucket) in _buckets)
            {
                if (bucket.FilledAt <= limit)
                    _buckets.Remove(key);
            }
        }
    }
}
