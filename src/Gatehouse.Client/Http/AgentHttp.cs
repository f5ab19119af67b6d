using System.Net.Security;
using System.Security.Authentication;

namespace Gatehouse.Client;

/// <summary>
/// A pool of connections under the newest client certificate and server roots. A rotation starts a new pool with the next exchange: it shows the new
/// certificate, exchanges under way end on the old pool, which goes when the last of them has.
/// </summary>
public sealed class AgentHttp : IDisposable
{
    private readonly AgentHttpOptions _options;
    private readonly Lock _swapping = new();
    private Pool _pool;
    private long _answered, _unanswered;
    private bool _disposed;

    /// <summary>Makes one.</summary>
    public AgentHttp(AgentHttpOptions options)
    {
        _options = options;
        _pool = NewPool();
    }

    /// <summary>The certificate that new connections show; null for none.</summary>
    public LoadedIdentity? Identity => Material.Identity;

    /// <summary>What new connections are made with.</summary>
    internal ConnectionMaterial Material => _options.Material;

    /// <summary>Exchanges that brought an answer, whatever it said.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Exchanges that brought none: no connection, broken off, too late, or given up.</summary>
    public long Unanswered => Interlocked.Read(ref _unanswered);

    /// <summary>Lends the invoker for one exchange, up to and including its body.</summary>
    /// <param name="exchange">Must not keep the invoker.</param>
    public async Task<T> UseAsync<T>(Func<HttpMessageInvoker, Task<T>> exchange)
    {
        var pool = Rent();
        try
        {
            var result = await exchange(pool.Invoker);
            Interlocked.Increment(ref _answered);
            return result;
        }
        catch (Exception failure)
        {
            Interlocked.Increment(ref failure is HttpRequestException or IOException or OperationCanceledException ? ref _unanswered : ref _answered);
            throw;
        }
        finally
        {
            Return(pool);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_swapping)
        {
            if (_disposed)
                return;
            _disposed = true;
            Retire(_pool);
        }
    }

    private Pool Rent()
    {
        lock (_swapping)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_pool.IsOf(Material))
            {
                Retire(_pool);
                _pool = NewPool();
            }

            _pool.Users++;
            return _pool;
        }
    }

    private void Return(Pool pool)
    {
        lock (_swapping)
        {
            if (--pool.Users == 0 && pool.IsRetired)
                pool.Invoker.Dispose();
        }
    }

    private static void Retire(Pool pool)
    {
        pool.IsRetired = true;
        if (pool.Users == 0)
            pool.Invoker.Dispose();
    }

    private Pool NewPool()
    {
        var material = Material;
        return new Pool(new HttpMessageInvoker(NewHandler(material)), material);
    }

    private SocketsHttpHandler NewHandler(ConnectionMaterial material) => new()
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        UseProxy = _options.Proxy is not null,
        Proxy = _options.Proxy,
        ConnectTimeout = _options.ConnectTimeout,
        ConnectCallback = Dialer.ConnectAsync,

        // DNS changes and rebalancing are followed within minutes; kept short when idle because gateways close what they re-judge.
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        MaxConnectionsPerServer = 16,
        MaxResponseHeadersLength = 32,
        ActivityHeadersPropagator = null,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = material.Identity?.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

            // A resumed session would not show the rotated certificate (dotnet/runtime#123238).
            AllowTlsResume = false,
            CertificateChainPolicy = material.Trust.ChainPolicy(),
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                material.Trust.Accept((sender as SslStream)?.TargetHostName ?? "the server", certificate, chain, errors),
        },
    };

    private sealed class Pool(HttpMessageInvoker invoker, ConnectionMaterial material)
    {
        public HttpMessageInvoker Invoker => invoker;
        public int Users { get; set; }
        public bool IsRetired { get; set; }

        public bool IsOf(ConnectionMaterial now) => ReferenceEquals(material.Identity, now.Identity) && ReferenceEquals(material.Trust, now.Trust);
    }
}
