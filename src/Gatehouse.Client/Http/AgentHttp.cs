using System.Net.Security;
using System.Security.Authentication;

namespace Gatehouse.Client;

/// <summary>
/// A pool of connections under the newest client certificate. A rotation starts a new pool: new connections show the new certificate,
/// exchanges under way end on the old pool, which goes when the last of them has.
/// </summary>
public sealed class AgentHttp : IDisposable
{
    private readonly AgentHttpOptions _options;
    private readonly Lock _swapping = new();
    private Pool _pool;
    private bool _disposed;

    /// <summary>Makes one.</summary>
    public AgentHttp(AgentHttpOptions options)
    {
        _options = options;
        _pool = NewPool();
    }

    /// <summary>The certificate that new connections show; null for none.</summary>
    public LoadedIdentity? Identity => _options.Identity?.Current;

    /// <summary>Lends the invoker for one exchange, up to and including its body.</summary>
    /// <param name="exchange">Must not keep the invoker.</param>
    public async Task<T> UseAsync<T>(Func<HttpMessageInvoker, Task<T>> exchange)
    {
        var pool = Rent();
        try
        {
            return await exchange(pool.Invoker);
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
            if (_pool.Identity != Identity)
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
        var identity = Identity;
        return new Pool(new HttpMessageInvoker(NewHandler(identity)), identity);
    }

    private SocketsHttpHandler NewHandler(LoadedIdentity? identity) => new()
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
            ClientCertificateContext = identity?.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

            // A resumed session would not show the rotated certificate (dotnet/runtime#123238).
            AllowTlsResume = false,
            CertificateChainPolicy = _options.Trust.ChainPolicy(),
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                _options.Trust.Accept((sender as SslStream)?.TargetHostName ?? "the server", certificate, chain, errors),
        },
    };

    private sealed class Pool(HttpMessageInvoker invoker, LoadedIdentity? identity)
    {
        public HttpMessageInvoker Invoker => invoker;
        public LoadedIdentity? Identity => identity;
        public int Users { get; set; }
        public bool IsRetired { get; set; }
    }
}
