using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Client;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Doctor.Wire;
using Gatehouse.Cli.Output;
using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>The TLS handshake: who is there, who vouches for it, and does it ask for a certificate?</summary>
internal static class ServerStep
{
    /// <summary>Looks once without showing a certificate. Null when no handshake came about.</summary>
    public static async Task<CertificateFacts?> LookAsync(Stream raw, Uri target, DoctorInput input, ServerTrust trust, bool hasCertificate, Findings findings, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(input.Timeout);
        try
        {
            await using var look = await TlsLook.OpenAsync(raw, target.IdnHost, certificate: null, limit.Token);
            findings.Saw("TLS", $"{look.Protocol}, {(look.Requested ? "a client certificate is asked for" : "no client certificate is asked for")}");
            return look.Server is null ? null : Judge(look, look.Server, target, trust, hasCertificate, findings);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Explain(findings, Faults.Read(e), target);
            return null;
        }
    }

    private static CertificateFacts? Judge(TlsLook look, X509Certificate2 server, Uri target, ServerTrust trust, bool hasCertificate, Findings findings)
    {
        var facts = CertificateFacts.TryRead(server.RawData);
        findings.Saw("server certificate", $"{Safe.Line(server.Subject)}, signed by {Safe.Line(server.Issuer)}, until {Words.When(new DateTimeOffset(server.NotAfter.ToUniversalTime()))}");
        if (Interception.Recognize(server, look.Sent) is { } product)
        {
            findings.Diagnose(Rank.Interception, DoctorCodes.TlsInspection, $"{product} opens TLS between here and {target.Host}: it shows a certificate of its own (signed by {Safe.Line(server.Issuer)}), so the client certificate can never arrive.",
                $"Have {target.Host} exempted from TLS inspection. A root of the inspection in the trust store does not help.", $"openssl s_client -connect {target.Host}:{target.Port} -servername {target.Host} </dev/null");
            return facts;
        }

        if (trust.Judge(target.IdnHost, server, look.Sent) is { } refused)
        {
            var (code, command) = refused.Fault switch
            {
                ServerCertificateFault.OtherName => (DoctorCodes.ServerName, $"openssl s_client -connect {target.Host}:{target.Port} -servername {target.Host} </dev/null | openssl x509 -noout -ext subjectAltName"),
                ServerCertificateFault.OutOfDate => (DoctorCodes.ServerOutOfDate, "date -u"),
                _ => (DoctorCodes.ServerNotTrusted, $"gatehouse doctor --url {target.GetLeftPart(UriPartial.Authority)} --server-ca server-ca.crt"),
            };
            var next = refused.NextStep + (refused.Fault == ServerCertificateFault.NotTrusted ? " A delegate reads roots from DELEGATE_CA_BUNDLE_DIR. If you do not know that issuer, somebody opens TLS on the way." : "");
            findings.Diagnose(Rank.Server, code, refused.Message, next, command);
        }
        else
        {
            findings.Saw("server trust", "believed");
        }

        if (!look.Requested && hasCertificate)
        {
            findings.Diagnose(Rank.Server, DoctorCodes.CertificateNotRequested, $"{target.Host} does not ask for a client certificate: it is not the account's mTLS endpoint, or something in front of it ends TLS.",
                "Use the endpoint's own name, and let load balancers pass TLS through.", "gatehouse mtls show --account ID   # on the operator's side: FQDN");
        }

        return facts;
    }

    /// <summary>The roots that a delegate here would believe: the system's, the folder's, the one of a <c>kubernetes.io/tls</c> Secret, and the one that was named.</summary>
    public static ServerTrust Trust(DoctorInput input, Findings findings)
    {
        var roots = new X509Certificate2Collection();
        if (input.ServerCaPath is { } path)
            Add(roots, path, findings);
        if (input is { CertificatePath: not null, KeyPath: not null } && new IdentityFiles(input.CertificatePath, input.KeyPath, null).FindPair().CaPath is { } ca)
            Add(roots, ca, findings);
        if (input.ServerCaFolder is { } folder)
            roots.AddRange(ServerTrust.Load(folder, warning => findings.Saw("server roots", Safe.Line(warning))).ExtraRoots);
        return ServerTrust.With(roots);
    }

    private static void Add(X509Certificate2Collection roots, string path, Findings findings)
    {
        try
        {
            using var file = PkiFile.Read(InputFile.ReadAtMost(path, PkiFile.MaxBytes) ?? throw new IOException($"it is larger than {Words.Size(PkiFile.MaxBytes)}"));
            foreach (var der in file.Certificates)
                roots.Add(X509CertificateLoader.LoadCertificate(der.Span));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PkiFileException or CryptographicException)
        {
            findings.Saw("server roots", $"{path} cannot be used: {Safe.Line(e.Message)}");
        }
    }

    private static void Explain(Findings findings, Answer end, Uri target)
    {
        if (end is { Ending: Ending.Alert, Detail: "unrecognized name" })
        {
            findings.Diagnose(Rank.Gateway, "sni_unknown", $"The gateway does not know the name {target.Host}, or turned this address away for a while (alert unrecognized_name).",
                "Check the subdomain; a deleted or renamed endpoint answers like this, too.", "gatehouse mtls show --account ID   # on the operator's side: FQDN");
        }
        else if (end.Ending == Ending.OwnFault && end.Detail.Contains("frame", StringComparison.Ordinal))
        {
            findings.Diagnose(Rank.Network, DoctorCodes.NotTls, $"What answers at {target.Host}:{target.Port} does not speak TLS.", "Check the port: the gateway's agent listener is 8443 by default, the operator's is not for delegates.", $"curl -v http://{target.Host}:{target.Port}/");
        }
        else
        {
            findings.Diagnose(Rank.Network, DoctorCodes.TlsFailed, $"No TLS handshake with {target.Host}:{target.Port}: {end.Told}.", "TLS 1.2 or 1.3 is needed at both ends. When it closes without a word, a firewall or load balancer in between may do that.",
                $"openssl s_client -connect {target.Host}:{target.Port} -servername {target.Host} </dev/null");
        }
    }
}
