using System.Net;
using Gatehouse.Contracts;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gatehouse.Gateway;

/// <summary>
/// One admitted connection of a delegate. Its account never changes: it is that of the endpoint whose name was in the ClientHello.
/// Its verdict does: every change of trust judges it again, and <see cref="Revoke"/> is final.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and no parent: there is nothing to dispose, and tokens outlive the connection.
internal sealed class AgentConnection(ConnectionContext context, AgentTarget target, PresentedChain chain, ConnectionVerdict verdict)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _revoked = new();
    private volatile EndpointSnapshot? _endpoint = target.Endpoint;
    private volatile ConnectionVerdict _verdict = verdict;
    private volatile Refusal? _revokedBecause;

    public AgentTarget Target { get; } = target;

    /// <summary>What the client presented, kept so that it can be judged again.</summary>
    public PresentedChain Chain { get; } = chain;

    /// <summary>The account of the endpoint; null on a shared host.</summary>
    public string? AccountId => Target.Endpoint?.AccountId;

    /// <summary>The endpoint by which it was judged last.</summary>
    public EndpointSnapshot? Endpoint => _endpoint;

    public ConnectionVerdict Verdict => _verdict;

    public string RemoteAddress { get; } = AddressOf(context);

    /// <summary>Cancelled when the connection may not go on.</summary>
    public CancellationToken Revoked => _revoked.Token;

    public Refusal? RevokedBecause => _revokedBecause;

    /// <summary>Takes a newer verdict that accepts.</summary>
    public void Renew(EndpointSnapshot endpoint, ConnectionVerdict verdict)
    {
        _endpoint = endpoint;
        _verdict = verdict;
    }

    /// <summary>Ends the connection: requests from now on are refused, handlers are told, and what is left after <paramref name="grace"/> is cut. Once.</summary>
    public void Revoke(Refusal refusal, TimeSpan grace, TimeProvider time)
    {
        if (Interlocked.CompareExchange(ref _revokedBecause, refusal, null) is not null)
            return;
        _ = EndAsync(grace, time);
    }

    private async Task EndAsync(TimeSpan grace, TimeProvider time)
    {
        await Task.Yield();
        try
        {
            await _revoked.CancelAsync();
        }
        catch (AggregateException)
        {
            // A handler's callback failed; the others ran, and the connection is cut below.
        }
        // HTTP/2: GOAWAY. HTTP/1.1: closes when idle, else after the response in flight.
        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        await Task.Delay(grace, time, CancellationToken.None);
        context.Abort(new ConnectionAbortedException(_revokedBecause!.Code.Name()));
    }

    private static string AddressOf(ConnectionContext context) => Format((context.RemoteEndPoint as IPEndPoint)?.Address);

    /// <summary>An address as people write it: IPv4 without its IPv6 mapping.</summary>
    internal static string Format(IPAddress? address) =>
        address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
