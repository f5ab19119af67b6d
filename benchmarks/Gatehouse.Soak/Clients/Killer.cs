using System.Net.Sockets;
using System.Text;
using Gatehouse.Soak.Tls;

namespace Gatehouse.Soak.Clients;

/// <summary>Clients that go wrong: in each phase of a connection they vanish, fall silent, or send what nobody should.</summary>
internal sealed class Killer(SoakScene scene, Random random)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    private static readonly (string Name, Action<Killer, TlsClient, Dial> Run)[] s_phases =
    [
        ("before the ClientHello", static (_, _, _) => { }),
        ("in the ClientHello", static (k, tls, _) => k.SendPart(tls, FirstFlight(tls))),
        ("after the ClientHello", static (_, tls, _) => tls.Send(FirstFlight(tls))),
        ("with a spoilt ClientHello", static (k, tls, _) => k.SpoilHello(tls)),
        ("with no TLS at all", static (k, tls, _) => tls.Send(k.Garbage(200))),
        ("in the second flight", static (k, tls, _) => k.StopInSecondFlight(tls)),
        ("after the handshake", static (_, tls, _) => tls.Handshake(s_limit)),
        ("with garbage after the handshake", static (k, tls, _) => k.SpoilRecords(tls)),
        ("in the request's head", static (k, tls, dial) => k.SendPartOfHead(tls, dial)),
        ("in the request's body", static (k, tls, dial) => k.SendPartOfBody(tls, dial)),
        ("half-closed", static (_, tls, dial) => HalfClose(tls, dial)),
        ("in a stream of HTTP/2", static (_, tls, dial) => StopInStream(tls, dial)),
    ];

    /// <summary>One connection, ended at random in a random phase. No verdict comes of it: the server has to survive it and to forget it.</summary>
    public void Run(Dial dial)
    {
        var (name, run) = s_phases[random.Next(s_phases.Length)];
        scene.Counts.Add($"killed: {name}");
        var protocol = name.EndsWith("HTTP/2", StringComparison.Ordinal) ? Http2.Protocol : Http1.Protocol;
        try
        {
            using var tls = TlsClient.Connect(dial.Profile, scene.Server, dial.Host.Name, protocol, dial.Session?.Session);
            run(this, tls, dial);
            End(tls.Socket);
        }
        catch (TlsEndedException)
        {
            // The server was first, which is its right.
        }
        catch (TlsTimeoutException e)
        {
            scene.Violations.Add($"A client that wanted to die {name} waited in vain: {e.Message}");
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.NotConnected or SocketError.Shutdown)
        {
            // As above.
        }
        catch (SocketException e)
        {
            scene.Violations.Add($"Cannot connect ({e.SocketErrorCode}).");
        }
    }

    private static byte[] FirstFlight(TlsClient tls)
    {
        tls.Step();
        return tls.TakeCiphertext();
    }

    private void SendPart(TlsClient tls, byte[] bytes) => tls.Send(bytes.AsSpan(0, random.Next(1, Math.Max(2, bytes.Length))));

    private void SpoilHello(TlsClient tls)
    {
        var hello = FirstFlight(tls);
        for (var i = random.Next(1, 4); i > 0; i--)
            hello[random.Next(hello.Length)] = (byte)random.Next(256);
        tls.Send(hello);
        // Whatever it says to that, it says it soon.
        tls.Socket.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead);
    }

    private byte[] Garbage(int most)
    {
        var bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }

    private void StopInSecondFlight(TlsClient tls)
    {
        tls.Send(FirstFlight(tls));
        byte[] flight;
        do
        {
            tls.Fill(s_limit, "in a handshake that is to be broken off");
            tls.Step();
        }
        while ((flight = tls.TakeCiphertext()).Length == 0);
        SendPart(tls, flight);
    }

    private void SpoilRecords(TlsClient tls)
    {
        tls.Handshake(s_limit);
        tls.Send([23, 3, 3, 0, 40, .. new byte[40]]);
        tls.Send(Garbage(2000));
    }

    private void SendPartOfHead(TlsClient tls, Dial dial)
    {
        tls.Handshake(s_limit);
        var head = Encoding.ASCII.GetBytes(Http1.Request(dial.Host.Name, dial.Path, dial.Account.Credential.Get()));
        tls.Write(head.AsSpan(0, random.Next(1, head.Length)));
    }

    private void SendPartOfBody(TlsClient tls, Dial dial)
    {
        tls.Handshake(s_limit);
        var path = $"/api/agent/delegates/register?accountId={dial.Account.Id}";
        tls.Write(Encoding.ASCII.GetBytes(Http1.Request(dial.Host.Name, path, dial.Account.Credential.Get(), "POST", "Content-Type: application/json\r\nContent-Length: 200000\r\n")));
        tls.Write(new byte[random.Next(1, 100_000)]);
    }

    private static void HalfClose(TlsClient tls, Dial dial)
    {
        tls.Handshake(s_limit);
        tls.Write(Encoding.ASCII.GetBytes(Http1.Request(dial.Host.Name, dial.Path, dial.Account.Credential.Get())));
        tls.Socket.Shutdown(SocketShutdown.Send);
        // Either an answer and the end, or the end.
        var buffer = new byte[4096];
        while (tls.Read(buffer, s_limit) > 0)
        {
        }
        throw new TlsTimeoutException("half-closed, and the server keeps its half open");
    }

    private static void StopInStream(TlsClient tls, Dial dial)
    {
        tls.Handshake(s_limit);
        var http = new Http2(tls);
        http.Start();
        http.Ask(dial.Host.Name, dial.Path, dial.Account.Credential.Get());
    }

    /// <summary>Reset, orderly FIN, or a silence before either.</summary>
    private void End(Socket socket)
    {
        var how = random.Next(3);
        if (how == 0)
            socket.Poll(TimeSpan.FromMilliseconds(random.Next(500)), SelectMode.SelectError);
        if (how < 2)
            socket.LingerState = new LingerOption(true, 0);
    }
}
