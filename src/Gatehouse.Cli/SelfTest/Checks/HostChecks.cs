using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>A3 and B15: what the request says about the host against what the handshake said, in every spelling, over HTTP/1.1 and HTTP/2.</summary>
internal sealed class HostChecks(Lab lab) : CheckGroup(lab)
{
    private const string Unknown = "nobody-lives-here.selftest.invalid";

    private string Own => Input.Site.HostAndPort;

    public override IEnumerable<Check> All() => [.. Others(), .. Strangers(), .. OwnSpellings(), UnknownIsNotMisdirected()];

    private IEnumerable<Check> Others()
    {
        if (Input.Other is not { } other)
        {
            yield return Check.NotTested(Threats.A3, "the other tenant as Host, in every spelling", "give --other-url");
            yield break;
        }

        var (host, upper) = (other.HostAndPort, other.HostAndPort.ToUpperInvariant());
        yield return MustRefuse(Threats.A3, $"HTTP/1.1: Host {host}", Lab.Request(host));
        yield return MustRefuse(Threats.A3, $"HTTP/1.1: Host {upper}", Lab.Request(upper));
        yield return MustRefuse(Threats.A3, $"HTTP/1.1: Host {other.Host}. with a dot", Lab.Request(other.Host + "."));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: own Host as user part, the other behind it (own@other)", Lab.Request($"{Input.Site.Host}@{host}"));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: the other as user part, own Host behind it (other@own)", Lab.Request($"{other.Host}@{Own}"));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: two Host lines, own first", Lab.Request(Own, headers: $"Host: {host}\r\n"));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: two Host lines, the other first", Lab.Request(host, headers: $"Host: {Own}\r\n"));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: own Host, absolute target with the other", Lab.Request(Own, $"https://{host}{Lab.Path}"));
        // The target counts (RFC 9112 §3.2.2), and :authority does (RFC 9113 §8.3.1): refused, or the other name is not looked at.
        yield return NotLookedAt("HTTP/1.1: the other as Host, absolute target with own", ask => Lab.AskAsync(Lab.Own, Lab.Request(host, $"https://{Own}{Lab.Path}"), ask),
            ask => Lab.AskAsync(Lab.Own, Lab.OwnRequest(), ask));
        yield return WhenServed(Threats.A3, $"HTTP/1.1: own Host, X-Forwarded-Host {host}", async cancellationToken =>
            Same(await Lab.AskAsync(Lab.Own, Lab.OwnRequest($"X-Forwarded-Host: {host}\r\nForwarded: host=\"{host}\"\r\n"), cancellationToken), Lab.Good));
        yield return Http2(Threats.A3, $"HTTP/2: :authority {host}", host);
        yield return Http2(Threats.A3, $"HTTP/2: :authority {upper}", upper);
        yield return Http2(Threats.A3, "HTTP/2: :authority own@other", $"{Input.Site.Host}@{host}");
        yield return NotLookedAt("HTTP/2: own :authority, host the other", ask => Lab.AskAsync(Lab.Own, [.. Fields(Own), ("host", host)], ask), ask => Lab.AskAsync(Lab.Own, Fields(Own), ask));
        yield return Http2(Threats.A3, "HTTP/2: no :authority, host the other", null, ("host", host));
    }

    private IEnumerable<Check> Strangers()
    {
        yield return MustRefuse(Threats.A3, $"HTTP/1.1: Host {Unknown}", Lab.Request(Unknown));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: an empty Host", Lab.Request(""));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: no Host", Lab.Request(null));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: Host is an IP address", Lab.Request("127.0.0.1"));
        yield return MustRefuse(Threats.A3, "HTTP/1.1: own Host with letters for a port", Lab.Request(Input.Site.Host + ":port"));
        yield return Http2(Threats.A3, $"HTTP/2: :authority {Unknown}", Unknown);
    }

    private IEnumerable<Check> OwnSpellings()
    {
        var site = Input.Site;
        foreach (var (what, host) in new[] { ("upper case", Own.ToUpperInvariant()), ("with a dot at the end", site.Host + "."), ("with its port", $"{site.Host}:{site.Port}"), ("without port", site.Host) })
        {
            yield return WhenServed(Threats.A3, $"HTTP/1.1: own Host, {what}: the same name", async cancellationToken =>
                Served(await Lab.AskAsync(Lab.Own, Lab.Request(host), cancellationToken)));
            yield return WhenServed(Threats.A3, $"HTTP/2: own :authority, {what}: the same name", async cancellationToken =>
                Served(await Lab.AskAsync(Lab.Own, Fields(host), cancellationToken)));
        }
    }

    /// <summary>421 asks for a new connection to that name: a client would try for ever.</summary>
    private Check UnknownIsNotMisdirected() => WhenServed(Threats.B15, $"HTTP/1.1: Host {Unknown}", async cancellationToken =>
    {
        var answer = await Lab.AskAsync(Lab.Own, Lab.Request(Unknown), cancellationToken);
        return Finding.When(answer.IsRefusal && answer.Status != 421, answer.Told);
    });

    private Check NotLookedAt(string sent, Func<CancellationToken, Task<Answer>> ask, Func<CancellationToken, Task<Answer>> askWithout) =>
        WhenServed(Threats.A3, $"{sent}: refused, or no difference", async cancellationToken =>
        {
            var (expected, answer) = (await askWithout(cancellationToken), await ask(cancellationToken));
            return answer.IsRefusal ? Finding.Pass(answer.Told)
                : answer.SameAs(expected) && !answer.Body.AsSpan().SequenceEqual(expected.Body) ? Finding.Fail($"{answer.Told}, with another body than without it")
                : Same(answer, expected);
        });

    private Finding Served(Answer answer) => answer.SaysNothing ? Finding.NotTested(answer.Told)
        : Finding.When(answer.Status == Lab.Good.Status && answer.IsServed, answer.Told);

    private Check Http2(Threat threat, string sent, string? authority, params (string Name, string Value)[] more) => WhenServed(threat, sent, async cancellationToken =>
    {
        var control = await Lab.AskAsync(Lab.Own, Fields(Own), cancellationToken);
        return control.IsServed
            ? Refused(await Lab.AskAsync(Lab.Own, [.. Fields(authority), .. more], cancellationToken))
            : Finding.NotTested($"HTTP/2 is not served here: {control.Told}");
    });

    private (string Name, string Value)[] Fields(string? authority) =>
        [(":method", "GET"), (":scheme", "https"), .. authority is null ? (ReadOnlySpan<(string, string)>)[] : [(":authority", authority)], (":path", Lab.Path), ("user-agent", "gatehouse-selftest")];
}
