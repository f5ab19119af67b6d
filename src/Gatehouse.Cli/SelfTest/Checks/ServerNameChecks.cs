using System.Text;
using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>A4: whoever names no endpoint of the gateway gets none, and how the bytes of the ClientHello are cut changes nothing.</summary>
internal sealed class ServerNameChecks(Lab lab) : CheckGroup(lab)
{
    public override IEnumerable<Check> All() => [.. Names(), .. OddNames(), .. Spellings(), .. Cuts()];

    private IEnumerable<Check> Names()
    {
        var sibling = "nobody-lives-here" + (Input.Site.Host.IndexOf('.', StringComparison.Ordinal) is var dot && dot > 0 ? Input.Site.Host[dot..] : ".invalid");
        foreach (var (what, name) in new (string, string?)[] { ("no server name", null), ($"server name {sibling}", sibling), ("server name www.example.com", "www.example.com") })
        {
            foreach (var withCertificate in Lab.Certificate is null ? (bool[])[false] : [false, true])
            {
                var call = Lab.Own with { ServerName = name, Certificate = withCertificate ? Lab.Certificate : null };
                yield return new(Threats.A4, $"{what}, own Host, {With(withCertificate)}", async cancellationToken => Refused(await Lab.AskAsync(call, Lab.OwnRequest(), cancellationToken)));
            }
        }
    }

    private IEnumerable<Check> OddNames()
    {
        yield return Odd("an IP address as server name", "127.0.0.1"u8.ToArray());
        yield return Odd("a server name of 300 bytes", [.. Enumerable.Repeat((byte)'a', 300)], canBeTyped: false);
        yield return Odd("a server name that is not ASCII", Encoding.Latin1.GetBytes("k\u00FCnde" + Input.Site.Host));
        yield return Odd("a server name with a zero byte behind the own name", [.. Encoding.Latin1.GetBytes(Input.Site.Host), 0, .. ".example.com"u8], canBeTyped: false);
        yield return Odd("an empty server name", [], canBeTyped: false);
    }

    private Check Odd(string sent, byte[] name, bool canBeTyped = true) => new(Threats.A4, sent, async cancellationToken =>
    {
        var reply = await Lab.HelloAsync(new RawHello { ServerName = name, Tls13 = true }, cancellationToken);
        if (!reply.GoesOn)
            return Finding.When(reply.IsRefusal, reply.Told);
        if (!canBeTyped)
            return Finding.Fail($"{reply.Told}: it goes on, for a name that nobody can have");
        if (Lab.OpenSsl is null)
            return Finding.NotTested($"{reply.Told}; what comes behind it is not known: {NeedsOpenSsl}");
        return Refused((await AskByOpenSslAsync(Encoding.Latin1.GetString(name), cancellationToken)).Answer);
    });

    /// <summary>A spelling that is missed by a look-up of names must not find a default instead.</summary>
    private IEnumerable<Check> Spellings()
    {
        foreach (var (what, name) in new[] { ("in upper case", Input.Site.Host.ToUpperInvariant()), ("with a dot at the end", Input.Site.Host + "."), ("with a port", Input.Site.Host + ":443") })
        {
            var sent = $"own server name {what}, no certificate";
            yield return Lab.OpenSsl is null
                ? Check.NotTested(Threats.A4, sent, NeedsOpenSsl)
                : new(Threats.A4, sent, async cancellationToken =>
                {
                    var answer = (await AskByOpenSslAsync(name, cancellationToken)).Answer;
                    return answer.Status == Lab.Bare.Status && answer.Ending == Lab.Bare.Ending ? Finding.Pass($"{answer.Told}, as in lower case") : Refused(answer);
                });
        }
    }

    private IEnumerable<Check> Cuts()
    {
        foreach (var (cut, what) in new[] { (HelloCut.OneByteSegments, "one byte per TCP segment"), (HelloCut.ManyRecords, "16 bytes per TLS record"), (HelloCut.OneByteRecordFirst, "its first byte in a TLS record of its own") })
        {
            foreach (var withCertificate in Lab.Certificate is null ? (bool[])[false] : [false, true])
            {
                var call = Lab.Own with { Certificate = withCertificate ? Lab.Certificate : null, Below = raw => new CutHelloStream(raw, cut) };
                yield return new(Threats.A4, $"ClientHello, {what}, {With(withCertificate)}", async cancellationToken =>
                    SameOrRefused(await Lab.AskAsync(call, Lab.OwnRequest(), cancellationToken), withCertificate ? Lab.Good : Lab.Bare));
            }
        }
    }

    private Task<OpenSslOutput> AskByOpenSslAsync(string serverName, CancellationToken cancellationToken) =>
        Lab.OpenSslAsync(Input.Site, serverName, [], null, Lab.OwnRequest(), cancellationToken);

    private static string With(bool certificate) => certificate ? "good certificate" : "no certificate";
}
