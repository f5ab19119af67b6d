using System.Net.Sockets;
using System.Text;
using Gatehouse.Soak.Oracle;

namespace Gatehouse.Soak.Clients;

/// <summary>A connection that is kept open and used now and then, while trust changes under it.</summary>
internal sealed class HeldConnection : IDisposable
{
    private static readonly TimeSpan s_pong = TimeSpan.FromSeconds(5);
    private readonly SoakScene _scene;
    private readonly Dialer _dialer;
    private readonly OpenConnection _open;
    private readonly WebSocketWire? _stream;
    private readonly string? _delegate;
    private readonly Encounter _met;
    private double _lastServed = SoakClock.Now;

    private HeldConnection(SoakScene scene, Dialer dialer, OpenConnection open, WebSocketWire? stream, string? @delegate)
    {
        (_scene, _dialer, _open, _stream, _delegate) = (scene, dialer, open, stream, @delegate);
        _met = open.Met with { What = "held " + (stream is null ? open.Met.What : "websocket") };
        scene.Counts.Add($"held: {(stream is null ? open.Met.What : "websocket")}");
    }

    public bool IsOver { get; private set; }

    /// <summary>Opens one; null when it is not admitted.</summary>
    public static HeldConnection? Open(SoakScene scene, Dialer dialer, Dial dial, bool stream)
    {
        if (dialer.Open(stream ? dial with { IsHttp2 = false } : dial) is not { } open)
            return null;
        if (!stream || !dial.Account.FreeDelegates.TryTake(out var @delegate))
            return new HeldConnection(scene, dialer, open, null, null);
        var http = (Http1)open.Exchange;
        var from = SoakClock.Now;
        var refusal = VerdictCodes.Cut;
        try
        {
            open.Tls.Write(Encoding.ASCII.GetBytes(Http1.Request(
                dial.Host.Name, WebSocketWire.Path(dial.Account.Id, @delegate), dial.Account.Credential.Get(), more: WebSocketWire.UpgradeHeaders)));
            var answer = http.ReadAnswer();
            dialer.Check(open.Met, answer);
            if (answer.Status == 101)
                return new HeldConnection(scene, dialer, open, new WebSocketWire(open.Tls, http.TakeRest()), @delegate);
            refusal = answer.Refusal;
        }
        catch (TlsEndedException)
        {
            // Judged below.
        }
        catch (TlsTimeoutException e)
        {
            scene.Violations.Add($"{open.Met}: no upgrade. {e.Message}");
        }
        if (refusal is not null)
            scene.Oracle.OpenConnection(open.Met, from, SoakClock.Now, refusal);
        dial.Account.FreeDelegates.Add(@delegate);
        open.Dispose();
        return null;
    }

    /// <summary>Looks whether it is still there and must not be; every <paramref name="use"/>d time it also asks.</summary>
    public void Look(bool use)
    {
        if (IsOver)
            return;
        var now = SoakClock.Now;
        try
        {
            if (use)
                Use(now);
            else if (_open.Tls.Socket.Poll(0, SelectMode.SelectRead))
                Listen();
            if (!IsOver)
                _scene.Oracle.StillOpen(_met, now);
        }
        catch (TlsEndedException)
        {
            IsOver = true;
            _scene.Oracle.Ended(_met, _lastServed, SoakClock.Now);
        }
        catch (TlsTimeoutException e)
        {
            IsOver = true;
            _scene.Violations.Add($"{_met}: {e.Message}");
        }
    }

    private void Use(double now)
    {
        if (_stream is not null)
        {
            _stream.Ping();
            if (!_stream.AwaitPong(s_pong))
                throw new TlsTimeoutException("No pong within 5 s.");
            _scene.Oracle.OpenConnection(_met, now, SoakClock.Now, null);
        }
        else
        {
            var answer = _open.Exchange.Get(_met.Host.Name, _open.Dial.Path, _met.Account.Credential.Get());
            _dialer.Check(_met, answer);
            // A refusal may have been decided at any time since it was served last.
            _scene.Oracle.OpenConnection(_met, answer.Refusal is null ? now : _lastServed, SoakClock.Now, answer.Refusal);
            IsOver = answer.Refusal is not null;
        }
        _lastServed = SoakClock.Now;
    }

    /// <summary>Something came without being asked for: tickets, pings, or the end.</summary>
    private void Listen()
    {
        if (_stream is not null)
            _stream.AwaitPong(TimeSpan.Zero);
        else
            _open.Exchange.Listen();
    }

    public void Dispose()
    {
        if (_delegate is not null)
            _met.Account.FreeDelegates.Add(_delegate);
        _open.Dispose();
    }
}
