using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>A6 and A7: a header by which a service behind the gateway would believe in an identity must make no difference, wherever and however it is sent.</summary>
internal sealed class IdentityHeaderChecks(Lab lab) : CheckGroup(lab)
{
    private const string Name = HeaderNames.AgentMtlsAuthority;

    public override IEnumerable<Check> All()
    {
        var stranger = Input.Other?.Host ?? "customer-of-nobody.selftest.invalid";
        List<Way> ways =
        [
            new("on the endpoint, no certificate", Lab.Own with { Certificate = null }, Lab.OwnRequest, Input.Site.Host),
        ];
        if (Lab.Certificate is not null)
            ways.Add(new("on the endpoint, good certificate", Lab.Own, Lab.OwnRequest, stranger));
        if (Input.Shared is { } shared)
            ways.Add(new("on the shared host", new TlsCall { Site = shared, ServerName = shared.Host }, (headers, target) => Lab.Request(shared.HostAndPort, target, headers), Input.Site.Host));
        foreach (var way in ways)
        {
            foreach (var check in Of(way))
                yield return check;
        }

        if (Lab.Certificate is null)
            yield return Check.NotTested(Threats.A6, $"{Name} on the endpoint, good certificate", NeedsClient);
        if (Input.Shared is null)
            yield return Check.NotTested(Threats.A6, $"{Name} on the shared host", "give --shared-url");
    }

    private IEnumerable<Check> Of(Way way)
    {
        var value = way.Forged;
        yield return Forged(way, Threats.A6, $"{Name}: {value}", $"{Name}: {value}\r\n");
        yield return Forged(way, Threats.A6, "the same in mixed case", $"Agent-MTLS-Authority: {value}\r\n");
        yield return Forged(way, Threats.A6, "the same with underscores", $"agent_mtls_authority: {value}\r\n");
        yield return Forged(way, Threats.A6, "the same twice", $"{Name}: {value}\r\nAGENT-MTLS-AUTHORITY: {value}\r\n");
        yield return Forged(way, Threats.A6, "what other gateways set (Client-Cert, X-SSL-Client-Verify, X-Forwarded-Client-Cert)",
            $"Client-Cert: :AAAA:\r\nX-SSL-Client-Verify: SUCCESS\r\nX-SSL-Client-S-DN: CN={value}\r\nX-Forwarded-Client-Cert: Subject=\"CN={value}\"\r\n");
        yield return Forged(way, Threats.A7, $"Connection: close, {Name}", $"Connection: close, {Name}\r\n");
        yield return Forged(way, Threats.A7, $"{Name}: {value}, and Connection names it", $"{Name}: {value}\r\nConnection: close, {Name}\r\n");
    }

    private Check Forged(Way way, Threat threat, string what, string headers) => new(threat, $"{what} ({way.Where})", async cancellationToken =>
    {
        var expected = await Lab.AskAsync(way.Call, way.Request("", Lab.JudgedPath), cancellationToken);
        return expected.Ending is Ending.TimedOut or Ending.Unreachable
            ? Finding.NotTested($"without it: {expected.Told}")
            : Same(await Lab.AskAsync(way.Call, way.Request(headers, Lab.JudgedPath), cancellationToken), expected);
    });

    /// <summary>A way in.</summary>
    /// <param name="Where">For people.</param>
    /// <param name="Call">The connection.</param>
    /// <param name="Request">The request of header lines and target.</param>
    /// <param name="Forged">The authority that would pay off here.</param>
    private sealed record Way(string Where, TlsCall Call, Func<string, string?, string> Request, string Forged);
}
