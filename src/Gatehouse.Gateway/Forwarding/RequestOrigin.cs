using System.Globalization;
using Gatehouse.Contracts;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>
/// Where one request came from. On a dedicated endpoint its life is the connection's; on a shared host, where one connection may serve
/// many accounts, it is judged by itself.
/// </summary>
#pragma warning disable CA1001 // As in AgentConnection: nothing to dispose.
internal sealed class RequestOrigin : IAgentOrigin
#pragma warning restore CA1001
{
    private const int HttpsPort = 443;

    private readonly AgentConnection _connection;
    private readonly HttpContext _context;
    private readonly CancellationTokenSource? _own;
    private readonly HostString _host;
    private readonly int? _publicPort;
    private volatile Refusal? _revokedBecause;
    private string? _hostAndPort;

    /// <param name="connection">Its connection.</param>
    /// <param name="context">The request, whose <c>Host</c> was found to name what the ClientHello named.</param>
    /// <param name="publicPort">The operator's word on the port; null: the client's.</param>
    public RequestOrigin(AgentConnection connection, HttpContext context, int? publicPort)
    {
        (_connection, _context, _host, _publicPort) = (connection, context, context.Request.Host, publicPort);
        _own = connection.AccountId is null ? new CancellationTokenSource() : null;
    }

    public string? Authority => _connection.Verdict.Authority;
    public string? EndpointAccountId => _connection.AccountId;

    /// <summary>The verified name; of what the client sent, the port alone, which nobody else knows where ports are mapped on the way.</summary>
    public string HostAndPort => _hostAndPort ??= AddressOf(HostName.WithoutServicePrefix(_connection.Target.Host), _publicPort ?? _host.Port ?? HttpsPort);

    public string Host => _connection.Target.Host;
    public string RemoteAddress => _connection.RemoteAddress;
    public PresentedCertificate? Certificate => _connection.Verdict.Certificate;
    public CancellationToken Revoked => _own?.Token ?? _connection.Revoked;
    public Refusal? RevokedBecause => _revokedBecause ?? _connection.RevokedBecause;

    private static string AddressOf(string name, int port) => port == HttpsPort ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{port}");

    /// <summary>Ends this request on a shared host: its handler is told, and what is left after <paramref name="grace"/> is cut. False when it was ended before.</summary>
    public bool Revoke(Refusal refusal, TimeSpan grace, TimeProvider time)
    {
        if (_own is null || Interlocked.CompareExchange(ref _revokedBecause, refusal, null) is not null)
            return false;
        _ = EndAsync(grace, time);
        return true;
    }

    private async Task EndAsync(TimeSpan grace, TimeProvider time)
    {
        await Task.Yield();
        var aborted = _context.RequestAborted;
        try
        {
            await _own!.CancelAsync();
        }
        catch (AggregateException)
        {
            // A handler's callback failed; the request is cut below.
        }
        try
        {
            await Task.Delay(grace, time, aborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (!_ended)
            _context.Abort();
    }

    private volatile bool _ended;

    /// <summary>The request is over: its context may serve another now, and must not be touched.</summary>
    public void End() => _ended = true;
}
