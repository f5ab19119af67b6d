using System.Globalization;
using Gatehouse.Testing;

namespace Gatehouse.LogService.Tests.Harness;

/// <summary>A Redis of the distribution's, as it ships but for its port, folder and number of databases, and in memory only.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly int _port = FreePorts.Next();
    private ForeignServer? _server;
    private int _databases;

    /// <summary>Each write is on disk before it is answered. Set it before the start.</summary>
    public bool IsDurable { get; init; }

    /// <summary>A database that nobody used yet. A busy machine is no outage.</summary>
    public string NewDatabase(int patience = 30_000) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port},defaultDatabase={Interlocked.Increment(ref _databases)},asyncTimeout={patience}");

    public async ValueTask InitializeAsync() => _server = await ForeignServer.StartAsync(_directory.Path, _port, "redis-server",
        "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--databases", "1000", "--save", "", "--appendonly", IsDurable ? "yes" : "no", "--appendfsync", "always");

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        await _server!.DisposeAsync();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await KillAsync();
        _directory.Dispose();
    }
}

/// <summary>One Redis for all tests that leave it alone; each takes a database of its own.</summary>
[CollectionDefinition("Redis")]
public sealed class RedisCollection : ICollectionFixture<RedisServer>;
