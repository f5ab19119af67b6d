using System.Net;
using System.Net.Sockets;
using System.Text;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>
/// A gateway that no distribution has: what a hello must not be answered with it answers, what it cannot read it answers, too; it takes certificates of any size, asks for none over
/// TLS 1.2, minds spellings of its own name and not others' names, and breaks down when it is sent nonsense. TLS is libssl's (<see cref="CarelessTls"/>), where that goes along with it.
/// </summary>
internal sealed class CarelessServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CarelessTls _tls;
    private readonly string _hostAndPort;
    private readonly string _host;
    private volatile bool _isBroken;

    public CarelessServer(int port, string host, OpenSsl.Pair certificate)
    {
        (_host, _hostAndPort) = (host, $"{host}:{port}");
        _tls = new CarelessTls(certificate);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private void Serve(Socket socket)
    {
        using (socket)
        {
            try
            {
                // Who says nothing is waited for: as long as the client is there.
                var first = new byte[2048];
                var length = socket.Receive(first, SocketFlags.Peek);
                if (length == 0)
                    return;
                if (first[0] != 22)
                    socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere"u8);
                else if (CarelessHello.AnswerTo(first.AsSpan(0, length)) is { } answer)
                    socket.Send(answer);
                else
                    Speak(socket, CarelessHello.NameIn(first.AsSpan(0, length)));
            }
            catch (SocketException)
            {
                // The client had enough.
            }
        }
    }

    private void Speak(Socket socket, string? serverName)
    {
        using var session = _tls.Accept(socket);
        if (session is null)
            return;
        // What comes now it cannot read, or it is too short for a request: it is answered unread.
        var header = new byte[5];
        if (socket.Poll(-1, SelectMode.SelectRead) && socket.Receive(header, SocketFlags.Peek) == 5 && (header[0] != 23 || (header[3] << 8 | header[4]) == 64))
        {
            session.Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere"u8);
            Drain(socket);
            return;
        }
        if (session.IsHttp2)
            SpeakHttp2(session, serverName);
        else
            SpeakHttp1(session, serverName);
        Drain(socket);
    }

    private void SpeakHttp1(CarelessTls.Session session, string? serverName)
    {
        var (buffer, request) = (new byte[16 * 1024], "");
        while (!request.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = session.Read(buffer);
            if (read <= 0)
                return;
            request += Encoding.Latin1.GetString(buffer, 0, read);
        }
        _isBroken |= !request.StartsWith("GET ", StringComparison.Ordinal);
        var host = request.Split("\r\n").FirstOrDefault(line => line.StartsWith("Host: ", StringComparison.Ordinal))?[6..] ?? "";
        var status = _isBroken && request.StartsWith("GET ", StringComparison.Ordinal) ? "503 Broken" : StatusFor(host, serverName, session.IsResumed);
        if (request.Contains("X-Forwarded-Host", StringComparison.Ordinal))
            status = "202 Accepted";
        // Which host it took it for.
        session.Write(Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {host.Length}\r\nConnection: close\r\n\r\n{host}"));
    }

    // The preface, then one stream: its fields as they came are the answer's body, so that whatever they say makes a difference.
    private void SpeakHttp2(CarelessTls.Session session, string? serverName)
    {
        const byte Headers = 1;
        session.Write([0, 0, 0, 4, 0, 0, 0, 0, 0]);
        var (preface, header) = (new byte[24], new byte[9]);
        session.ReadExactly(preface);
        while (session.ReadExactly(header))
        {
            var payload = new byte[header[0] << 16 | header[1] << 8 | header[2]];
            session.ReadExactly(payload);
            if (header[3] != Headers)
                continue;
            var fields = Encoding.Latin1.GetString(payload);
            var host = fields.Contains(_host + ".", StringComparison.Ordinal) ? _host + "." : fields.Contains(_host.ToUpperInvariant(), StringComparison.Ordinal) ? _host.ToUpperInvariant()
                : fields.Contains(_host, StringComparison.Ordinal) && !fields.Contains(_hostAndPort, StringComparison.Ordinal) ? _host : "";
            byte status = StatusFor(host, serverName, session.IsResumed)[0] == '2' ? (byte)0x88 : (byte)0x8d;
            session.Write([0, 0, 1, Headers, 4, 0, 0, 0, 1, status, 0, (byte)(payload.Length >> 8), (byte)payload.Length, 0, 1, 0, 0, 0, 1, .. payload]);
            return;
        }
    }

    // Spellings of its own name are others to it, and others' names are as good as its own.
    private string StatusFor(string host, string? serverName, bool isResumed) =>
        isResumed || (host.StartsWith(_host, StringComparison.OrdinalIgnoreCase) && host != _hostAndPort) || (serverName is null || (serverName.StartsWith(_host, StringComparison.OrdinalIgnoreCase) && serverName != _host))
            ? "404 Not Found"
            : "200 OK";

    // Closing with unread bytes would take the answer away.
    private static void Drain(Socket socket)
    {
        socket.Shutdown(SocketShutdown.Send);
        var rest = new byte[4096];
        while (socket.Receive(rest) > 0)
        {
        }
    }
}
