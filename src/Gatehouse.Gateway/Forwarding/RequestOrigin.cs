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
    private readonly AgentConnection _connection;
    private readonly HttpContext _context;
    private readonly CancellationTokenSource? _own;
    private volatile Refusal? _revokedBecause;

    public RequestOrigin(AgentConnection connection, HttpContext context)
    {
        (_connection, _context) = (connection, context);
        HostAndPort = context.Request.Host.Value ?? connection.Target.Host;
        _own = connection.AccountId is null ? new CancellationTokenSource() : null;
    }

    public string? Authority => _connection.Verdict.Authority;
    public string? EndpointAccountId => _connection.AccountId;
    public string HostAndPort { get; }
    public string Host => _connection.Target.Host;
    public string RemoteAddress => _connection.RemoteAddress;
    public PresentedCertificate? Certificate => _connection.Verdict.Certificate;
    public CancellationToken Revoked => _own?.Token ?? _connection.Revoked;
    public Refusal? RevokedBecause => _revokedBecause ?? _connection.RevokedBecause;

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
