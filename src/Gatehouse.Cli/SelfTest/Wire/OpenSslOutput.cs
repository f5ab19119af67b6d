using System.Globalization;
using System.Text.RegularExpressions;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>What <c>openssl s_client</c> printed, read.</summary>
internal sealed partial record OpenSslOutput(string Text)
{
    /// <summary>The handshake ended.</summary>
    public bool HandshakeDone => Handshake().Match(Text) is { Success: true } line && line.Groups[2].Value is not "(NONE)";

    /// <summary>The server took up the session that was offered.</summary>
    public bool IsResumed => Handshake().Match(Text).Groups[1].Value == "Reused";

    /// <summary>A session was handed out.</summary>
    public bool HasTicket => Text.Contains("New Session Ticket arrived", StringComparison.Ordinal);

    /// <summary>The largest amount of early data that a ticket allows, in bytes.</summary>
    public long MaxEarlyData => EarlyData().Matches(Text).Select(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();

    /// <summary>How it ended: an HTTP answer, an alert, or neither.</summary>
    public Answer Answer
    {
        get
        {
            var at = Text.IndexOf("HTTP/1.", StringComparison.Ordinal);
            if (at >= 0 && Text.Length >= at + 12 && int.TryParse(Text.AsSpan(at + 9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            {
                var head = Text[at..].Split("\r\n\r\n")[0].Split("\r\n").Skip(1).Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2);
                return new Answer(Ending.Http) { Status = status, Headers = [.. head.Select(parts => (parts[0], parts[1].Trim()))] };
            }

            return AlertText.Find(Text) is { } alert ? new Answer(Ending.Alert, alert)
                : Text.Contains("Connection refused", StringComparison.Ordinal) ? new Answer(Ending.Unreachable, "ConnectionRefused")
                : new Answer(Ending.Closed);
        }
    }

    [GeneratedRegex(@"^(New|Reused), (\S+?), Cipher is", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Handshake();

    [GeneratedRegex(@"Max Early Data: (\d{1,18})", RegexOptions.CultureInvariant)]
    private static partial Regex EarlyData();
}
