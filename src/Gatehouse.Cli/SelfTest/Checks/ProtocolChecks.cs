using System.Security.Authentication;
using System.Text;
using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>What TLS offers besides the handshake we want: old versions, weak suites, renegotiation, compression, early data; and B14 and B16, the certificate request.</summary>
internal sealed class ProtocolChecks(Lab lab) : CheckGroup(lab)
{
    private static readonly (string Name, ushort[] Suites)[] s_weak =
    [
        ("RSA key exchange, without forward secrecy", [0x009C, 0x009D, 0x002F, 0x0035, 0x003C, 0x003D]),
        ("CBC", [0xC013, 0xC014, 0xC009, 0xC00A, 0xC023, 0xC024, 0xC027, 0xC028]),
        ("3DES and RC4", [0xC012, 0xC008, 0x000A, 0x0016, 0xC011, 0xC007, 0x0005, 0x0004]),
        ("no encryption, no authentication, export", [0x0000, 0x0001, 0x0002, 0x003B, 0xC006, 0xC010, 0xC018, 0xC019, 0x006C, 0x006D, 0x00A6, 0x00A7, 0x0018, 0x001B, 0x0034, 0x003A, 0x0003, 0x0006, 0x0008]),
    ];

    private byte[] Name => Encoding.ASCII.GetBytes(Input.Site.Host);

    public override IEnumerable<Check> All() => [.. Requests(), .. Versions(), .. Suites(), Compression(), Renegotiation(), EarlyData()];

    private IEnumerable<Check> Requests()
    {
        foreach (var (version, protocol) in new[] { ("TLS 1.3", SslProtocols.Tls13), ("TLS 1.2", SslProtocols.Tls12) })
        {
            yield return new(Threats.B14, $"a handshake, {version}: which CAs does the certificate request name?", async cancellationToken =>
                await RequestAsync(protocol, cancellationToken) is not { Issuers: { } issuers } ? Finding.Pass("no certificate was asked for")
                : Finding.When(issuers.Length == 0, issuers.Length == 0 ? "none" : $"{issuers.Length}: {Output.Safe.Line(issuers[0])}"));
            yield return new(Threats.B16, $"a handshake, {version}", async cancellationToken => await RequestAsync(protocol, cancellationToken) switch
            {
                { Issuers: not null } => Finding.Pass("a certificate was asked for"),
                { Answer: { Protocol: null } answer } => Finding.NotTested("no handshake ended: " + answer.Told), // Turned away at the ClientHello: it may have asked later.
                _ => Finding.Fail("no certificate was asked for: nobody can be told apart here"),
            });
        }
    }

    // The CAs that the certificate request names; null when no certificate was asked for.
    private async Task<(string[]? Issuers, Answer Answer)> RequestAsync(SslProtocols protocol, CancellationToken cancellationToken)
    {
        string[]? issuers = null;
        var answer = await Lab.AskAsync(Lab.Own with { Certificate = null, Protocols = protocol, OnCertificateRequest = found => issuers = found }, Lab.OwnRequest(), cancellationToken);
        return (issuers, answer);
    }

    private IEnumerable<Check> Versions()
    {
        foreach (var (what, version) in new (string, ushort)[] { ("SSL 3.0", 0x0300), ("TLS 1.0", 0x0301), ("TLS 1.1", 0x0302) })
            yield return Hello($"a ClientHello of {what}", new RawHello { ServerName = Name, Version = version, Suites = RawHello.OldSuites });
    }

    private IEnumerable<Check> Suites() => s_weak.Select(weak => Hello($"TLS 1.2 with weak suites only: {weak.Name}", new RawHello { ServerName = Name, Suites = weak.Suites }));

    private Check Hello(string sent, RawHello hello) => new(Threats.Tls, sent, async cancellationToken =>
    {
        // Without a control a refusal could be one of everything.
        var control = await Lab.HelloAsync(new RawHello { ServerName = Name }, cancellationToken);
        if (!control.GoesOn)
            return Finding.NotTested($"a ClientHello of TLS 1.2 with good suites is not taken either: {control.Told}");
        var reply = await Lab.HelloAsync(hello, cancellationToken);
        return reply.Ending == Ending.TurnedAway ? Finding.NotTested(reply.Told) : Finding.When(reply.IsRefusal, reply.Told);
    });

    private Check Compression() => new(Threats.Tls, "TLS 1.2 with compression offered first (CRIME)", async cancellationToken =>
    {
        var reply = await Lab.HelloAsync(new RawHello { ServerName = Name, Compressions = [1, 0] }, cancellationToken);
        return reply.Ending == Ending.TurnedAway ? Finding.NotTested(reply.Told)
            : reply.GoesOn ? Finding.When(reply.Compression == 0, reply.Compression == 0 ? "not taken up" : "taken up")
            : Finding.When(reply.IsRefusal, reply.Told);
    });

    private Check Renegotiation()
    {
        const string Sent = "TLS 1.2: a second handshake on the connection (renegotiation)";
        return Lab.OpenSsl is null ? Check.NotTested(Threats.Tls, Sent, NeedsOpenSsl) : new(Threats.Tls, Sent, async cancellationToken =>
        {
            string[] identity = Input.Client is { } client ? ["-cert", client.CertificatePath, "-key", client.KeyPath] : [];
            var output = await Lab.OpenSslAsync(Input.Site, Input.Site.Host, ["-tls1_2", "-state", "-no_ign_eof", .. identity], "Verify return code", "R\n", cancellationToken);
            var at = output.Text.IndexOf("RENEGOTIATING", StringComparison.Ordinal);
            if (at < 0)
                return Finding.NotTested("openssl did not get that far: " + output.Answer.Told);
            // Command letters need -no_ign_eof. -state names each message; the first handshake's are before the word.
            var accepted = output.Text.IndexOf("read server hello", at, StringComparison.Ordinal) >= 0;
            return Finding.When(!accepted, accepted ? "renegotiated" : output.Text.Contains("no renegotiation", StringComparison.Ordinal) ? "no_renegotiation" : "not taken up");
        });
    }

    private Check EarlyData()
    {
        const string Sent = "TLS 1.3: a session, to send data before its handshake (0-RTT)";
        return Lab.OpenSsl is null ? Check.NotTested(Threats.Tls, Sent, NeedsOpenSsl) : new(Threats.Tls, Sent, async cancellationToken =>
        {
            string[] identity = Input.Client is { } client ? ["-cert", client.CertificatePath, "-key", client.KeyPath] : [];
            var output = await Lab.OpenSslAsync(Input.Site, Input.Site.Host, ["-tls1_3", .. identity], null, Lab.OwnRequest(), cancellationToken);
            return !output.HandshakeDone ? Finding.NotTested("no handshake of TLS 1.3 ended: " + output.Answer.Told)
                : !output.HasTicket ? Finding.Pass("no session was handed out")
                : Finding.When(output.MaxEarlyData == 0, $"sessions allow {output.MaxEarlyData} bytes of early data");
        });
    }
}
