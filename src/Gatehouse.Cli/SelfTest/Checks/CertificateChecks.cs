using System.Net.Security;
using System.Security.Authentication;
using Gatehouse.Cli.Output;
using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>A10, A12, B9, B1: certificates that must not be believed, in LOOSE too: a wrong certificate is not none. And how the refusal is worded.</summary>
internal sealed class CertificateChecks(Lab lab) : CheckGroup(lab)
{
    /// <summary>A gateway that computes before it looks would need longer.</summary>
    private static readonly TimeSpan s_quick = TimeSpan.FromSeconds(5);

    private const int AlertTries = 4;

    private readonly ForgedChain _forged = new(lab.Time.GetUtcNow());

    public override IEnumerable<Check> All()
    {
        if (Lab.ServerCertificate is null)
            return [Check.NotTested(Threats.A12, "certificates that must not be believed", "the control failed: no handshake ends here")];
        return [.. Minted(), .. Strangers(), .. Costly(), .. Worded()];
    }

    private IEnumerable<Check> Minted() => Input.Client is { } client
        ? InBoth(Threats.A10, "a certificate signed with the good client certificate's key", _forged.SignedBy(client.Identity))
        : [Check.NotTested(Threats.A10, "a certificate signed with the good client certificate's key", NeedsClient)];

    private List<Check> Strangers()
    {
        List<Check> checks = [.. InBoth(Threats.A12, "a self-signed certificate", _forged.SelfSigned())];
        if (Input.Client is { } client)
        {
            var ca = _forged.LookAlikeCa(client.Identity.Leaf);
            checks.AddRange(InBoth(Threats.A12, "a certificate of another CA with the real one's name and key identifier", _forged.ClientOf(ca)));
            checks.AddRange(InBoth(Threats.A12, "an expired certificate of that CA", _forged.ExpiredOf(ca)));
            checks.AddRange(InBoth(Threats.A12, "a certificate of that CA for servers only", _forged.ServerOf(ca)));
            checks.AddRange(InBoth(Threats.A12, "that CA's own certificate as a client", ForgedChain.Itself(ca)));
        }
        else
        {
            checks.Add(Check.NotTested(Threats.A12, "certificates of another CA with the real one's name", NeedsClient));
        }

        if (Lab.OtherCertificate is { } other)
            checks.AddRange(InBoth(Threats.A12, "the other tenant's good certificate", other));
        else
            checks.Add(Check.NotTested(Threats.A12, "the other tenant's good certificate", "give --other-cert and --other-key"));
        if (Input.Other is { } otherSite && Lab.Certificate is { } own)
        {
            checks.Add(new(Threats.A12, "the good certificate, at the other tenant's endpoint", async cancellationToken => Refused(
                await Lab.AskAsync(new TlsCall { Site = otherSite, ServerName = otherSite.Host, Certificate = own }, Lab.Request(otherSite.HostAndPort), cancellationToken))));
        }

        return checks;
    }

    private IEnumerable<Check> Costly() =>
    [
        .. InBoth(Threats.B9, "a chain of 50 certificates", _forged.LongChain(50), quickly: true),
        .. InBoth(Threats.B9, "an issuer with an RSA key of 16,384 bits", _forged.HugeIssuerKey(16384), quickly: true),
        .. InBoth(Threats.B9, "a certificate of 1 MB", _forged.HugeCertificate(1_000_000), quickly: true),
    ];

    private IEnumerable<Check> InBoth(Threat threat, string sent, SslStreamCertificateContext certificate, bool quickly = false)
    {
        foreach (var (version, protocol) in new[] { ("TLS 1.3", SslProtocols.Tls13), ("TLS 1.2", SslProtocols.Tls12) })
        {
            yield return new(threat, $"{sent}, {version}", async cancellationToken =>
            {
                var answer = await Lab.AskAsync(Lab.Own with { Certificate = certificate, Protocols = protocol }, Lab.OwnRequest(), cancellationToken);
                if (answer is { Protocol: not null, CertificateSent: false })
                    return Finding.NotTested("this machine's TLS did not send it, or was not asked for it");
                if (!quickly || answer.SaysNothing)
                    return Refused(answer);
                return Finding.When(answer.IsRefusal && answer.Took <= s_quick, $"{answer.Told} after {Words.Span(answer.Took)}");
            });
        }
    }

    private IEnumerable<Check> Worded()
    {
        var certificate = _forged.SelfSigned();
        foreach (var (version, protocol) in new[] { ("TLS 1.3", SslProtocols.Tls13), ("TLS 1.2", SslProtocols.Tls12) })
        {
            var call = Lab.Own with { Certificate = certificate, Protocols = protocol };
            yield return new(Threats.B1, $"a self-signed certificate, HTTP/1.1, {version}: an alert, or 403 with code and next step, and the end", async cancellationToken =>
                await ExplainedAsync(() => Lab.AskAsync(call, Lab.OwnRequest(), cancellationToken), isHttp2: false));
            yield return new(Threats.B1, $"the same, HTTP/2, {version}", async cancellationToken => await ExplainedAsync(
                () => Lab.AskAsync(call, [(":method", "GET"), (":scheme", "https"), (":authority", Input.Site.HostAndPort), (":path", Lab.Path)], cancellationToken), isHttp2: true));
        }
    }

    /// <summary>In TLS 1.3 the request is under way before the verdict: the reset that answers it can swallow the alert. Some tries later it was seen or there is none.</summary>
    private static async Task<Finding> ExplainedAsync(Func<Task<Answer>> ask, bool isHttp2)
    {
        var answer = await ask();
        for (var again = 0; again < AlertTries && answer.Ending == Ending.Closed; again++)
            answer = await ask();
        return Explained(answer, isHttp2);
    }

    private static Finding Explained(Answer answer, bool isHttp2)
    {
        if (answer.SaysNothing)
            return Finding.NotTested(answer.Told);
        if (answer.Ending != Ending.Http)
            return Finding.When(answer.Ending == Ending.Alert, answer.Told);
        // HTTP/2 has no Connection field, and of its answers only status and body are read here.
        List<string> missing = [];
        if (answer.Status != 403)
            missing.Add("status 403");
        if (!isHttp2 && answer.Header(Contracts.HeaderNames.GatehouseRefusal) is null)
            missing.Add(Contracts.HeaderNames.GatehouseRefusal);
        if (!isHttp2 && answer.Header("Connection")?.Equals("close", StringComparison.OrdinalIgnoreCase) != true)
            missing.Add("Connection: close");
        foreach (var name in new[] { "code", "message", "nextStep" })
        {
            if (string.IsNullOrEmpty(answer.BodyText(name)))
                missing.Add($"{name} in a JSON body");
        }

        return missing.Count == 0 ? Finding.Pass($"{answer.Told}, with the next step") : Finding.Fail($"{answer.Told}, without {string.Join(", ", missing)}");
    }
}
