using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Gatehouse.Contracts;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>
/// The way of a connection on the agent listener: handshake → verdict → either the refusal in words and the end, or HTTP.
/// Nothing a refused client sends reaches the HTTP server.
/// </summary>
internal sealed partial class AgentConnectionMiddleware(
    ITlsEngine engine, AgentDirectory directory, ServerIdentitySource identities, LiveConnections live, HandshakeLimits limits, ConnectionBudget budget, GatewayOptions options,
    IRefusalLog refusals, GatewayMetrics metrics, TimeProvider time, ILogger<AgentConnectionMiddleware> logger)
{
    public async Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next)
    {
        if (!budget.TryEnter())
        {
            metrics.HandshakeFailed("too_many_connections", TimeSpan.Zero);
            return;
        }
        try
        {
            await AdmitAsync(context, next);
        }
        finally
        {
            budget.Leave();
        }
    }

    private async Task AdmitAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var address = (context.RemoteEndPoint as IPEndPoint)?.Address;
        var remoteAddress = AgentConnection.Format(address);
        using var slot = limits.Enter(context);
        var tls = await HandshakeAsync(context, remoteAddress, slot);
        if (tls is null)
        {
            if (slot.TurnedAway is not null)
                await slot.HoldAsync();
            return;
        }

        await using (tls)
        {
            var verdict = (ConnectionVerdict)tls.Outcome;
            if (verdict.Refusal is { } refusal)
            {
                slot.Refused();
                await AnswerAsync(context, tls, refusal);
                return;
            }
            slot.Accepted();
            var owner = verdict.Authority is null ? ConnectionOwner.Of(address) : ConnectionOwner.Of(((AgentTarget)tls.Target).Endpoint!.AccountId);
            if (!limits.Shares.TryTake(owner))
            {
                await AnswerAsync(context, tls, Refusals.TurnedAway(TurnAway.HasItsShare, ((AgentTarget)tls.Target).Endpoint?.AccountId, ((AgentTarget)tls.Target).Host, remoteAddress));
                return;
            }
            slot.Dispose();
            try
            {
                await ServeAsync(context, tls, verdict, next);
            }
            finally
            {
                limits.Shares.GiveBack(owner);
            }
        }
    }

    private Task AnswerAsync(ConnectionContext context, TlsConnection tls, Refusal refusal)
    {
        Refuse(refusal);
        return RefusalResponder.RespondAsync(tls, refusal, options.RefusalTimeout, time, context.ConnectionClosed);
    }

    private async Task ServeAsync(ConnectionContext context, TlsConnection tls, ConnectionVerdict verdict, ConnectionDelegate next)
    {
        var connection = new AgentConnection(context, (AgentTarget)tls.Target, tls.Chain, verdict);
        var cipher = context.Transport;
        var gathering = tls.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span) ? new GatheringTransport(tls.Transport, time) : null;
        context.Transport = gathering ?? tls.Transport;
        var features = new AgentTlsFeatures(tls);
        context.Features.Set<ITlsConnectionFeature>(features);
        context.Features.Set<ITlsApplicationProtocolFeature>(features);
        context.Features.Set<ITlsHandshakeFeature>(features);
        context.Features.Set<IAgentTransport>(features);
        context.Features.Set(connection);

        live.Add(connection);
        metrics.ConnectionOpened(connection.Verdict.Authority is not null);
        try
        {
            await next(context);
        }
        finally
        {
            // While it is among the live: what is left to say may take a moment, in which trust may change.
            if (gathering is not null)
                await gathering.EndOutputAsync();
            metrics.ConnectionClosed(verdict.Authority is not null);
            live.Remove(connection);
            context.Transport = cipher;
        }
    }

    private async Task<TlsConnection?> HandshakeAsync(ConnectionContext context, string remoteAddress, HandshakeSlot slot)
    {
        var started = time.GetTimestamp();
        try
        {
            // A connection that closes meanwhile ends every wait by itself.
            using var limit = new CancellationTokenSource(options.HandshakeTimeout, time);
            var tls = await engine.AuthenticateAsync(context, new AgentGate(directory, identities.Current, time, remoteAddress, slot), limit.Token);
            metrics.HandshakeDone((ConnectionVerdict)tls.Outcome, tls.Protocol, time.GetElapsedTime(started));
            return tls;
        }
        catch (UnknownServerNameException e)
        {
            metrics.HandshakeFailed(e.ServerName is null ? "sni_missing" : "sni_unknown", time.GetElapsedTime(started));
            Refuse(e.ServerName is null ? Refusals.SniMissing(remoteAddress) : Refusals.SniUnknown(e.ServerName, remoteAddress));
        }
        catch (TurnedAwayException) when (slot.TurnedAway is not null)
        {
            metrics.HandshakeFailed("rate_limited", time.GetElapsedTime(started));
            Refuse(slot.TurnedAway);
        }
        catch (RefusedInHandshakeException e)
        {
            metrics.HandshakeFailed("refused", time.GetElapsedTime(started));
            Refuse(((ConnectionVerdict)e.Outcome).Refusal!);
        }
        catch (TlsHandshakeException e) when (e.SentTooMuchCertificate && e.Target is AgentTarget { Endpoint: { } endpoint } target)
        {
            metrics.HandshakeFailed("refused", time.GetElapsedTime(started));
            Refuse(Refusals.CertificateTooLarge(endpoint.AccountId, target.Host, remoteAddress));
        }
        catch (TlsHandshakeException e)
        {
            metrics.HandshakeFailed("tls", time.GetElapsedTime(started));
            Log.HandshakeFailed(logger, remoteAddress, Refusals.Bounded(e.Message));
        }
        catch (OperationCanceledException)
        {
            metrics.HandshakeFailed("timeout", time.GetElapsedTime(started));
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or ConnectionResetException or AuthenticationException)
        {
            metrics.HandshakeFailed("reset", time.GetElapsedTime(started));
        }
        return null;
    }

    private void Refuse(Refusal refusal)
    {
        refusals.Report(refusal);
        metrics.Refused(refusal.Code);
        Log.Refused(logger, refusal.RemoteAddress ?? "unknown", refusal.Host ?? "", refusal.Code.Name());
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Debug, "Refused {Address} at {Host}: {Code}")]
        public static partial void Refused(ILogger logger, string address, string host, string code);

        [LoggerMessage(2002, LogLevel.Debug, "TLS handshake with {Address} failed: {Reason}")]
        public static partial void HandshakeFailed(ILogger logger, string address, string reason);
    }
}
