using System.Net.Sockets;
using System.Text.RegularExpressions;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>Tells a refusal by the other side from a fault of this machine: only the former says anything about the gateway.</summary>
internal static partial class Faults
{
    /// <summary>What <paramref name="cause"/> says about the other side.</summary>
    public static Answer Read(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            // The platform has no type for a received alert, only OpenSSL's words.
            if (AlertText.Find(e.Message) is { } alert)
                return new Answer(Ending.Alert, alert);
        }

        for (var e = cause; e is not null; e = e.InnerException)
        {
            if (e is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown } or EndOfStreamException)
                return new Answer(Ending.Closed);
            if (e is SocketException socket)
                return new Answer(Ending.Unreachable, Safe.Line(socket.SocketErrorCode.ToString()));
            if (EndOfInput().IsMatch(e.Message))
                return new Answer(Ending.Closed);
        }

        return cause switch
        {
            OperationCanceledException => new Answer(Ending.TimedOut),
            IOException => new Answer(Ending.Closed),
            _ => new Answer(Ending.OwnFault, Safe.Line((cause.InnerException ?? cause).Message)),
        };
    }

    [GeneratedRegex("unexpected EOF|EOF or 0 bytes", RegexOptions.CultureInvariant)]
    private static partial Regex EndOfInput();
}
