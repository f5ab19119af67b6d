using Gatehouse.Cli.Output;
using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>What it means when the gateway does not let in, and what to type next.</summary>
internal sealed class RefusalReading(Uri target, DoctorInput input, PemIdentity? identity, Findings findings)
{
    public void Read(Answer answer)
    {
        switch (answer.Ending)
        {
            case Ending.Alert:
                OfAlert(answer.Detail);
                break;
            case Ending.Closed:
                findings.Diagnose(Rank.Gateway, DoctorCodes.ClosedWithoutAnswer, $"{target.Host} closed the connection instead of an answer. With mTLS that usually means it refused the client certificate{(identity is null ? ", and none is set here" : "")}.",
                    "The gateway's operator sees the reason.", $"gatehouse refusals --account {Shell.Quote(input.Account ?? "ID")}   # on the operator's side");
                break;
            case Ending.Http when answer.Header(HeaderNames.GatehouseRefusal) is not null || answer is { Status: 400 or 401 or 403 or 421 or 429, Code: not null }:
                OfRefusal(answer);
                break;
            case Ending.Http when answer.Status >= 500:
                findings.Diagnose(Rank.Gateway, DoctorCodes.NoGateway, $"{target.Host} answers {answer.Status}: something is there, but the manager behind it is not.", "Look at the server, or at the load balancer's back ends.", $"curl -sS -i {target.GetLeftPart(UriPartial.Authority)}/api/version/delegate");
                break;
            case Ending.Http:
                findings.Diagnose(Rank.Gateway, DoctorCodes.NoGateway, $"What answers at {target.Host} is no delegate manager (it says {answer.Told}).", "Check host and port of the address.", $"curl -sS -i {target.GetLeftPart(UriPartial.Authority)}/");
                break;
            default:
                findings.Diagnose(Rank.Gateway, DoctorCodes.ClosedWithoutAnswer, $"{target.Host} gave no answer: {answer.Told}.", "Look at the gateway, and at what is between.", $"curl -v {target.GetLeftPart(UriPartial.Authority)}/");
                break;
        }
    }

    private void OfRefusal(Answer answer)
    {
        var read = GatewayStep.Refusal(answer);
        var code = Safe.Line(read.Code);
        // None could be shown, for a reason that was told.
        if (code == RefusalCode.ClientCertificateRequired.Name() && identity is null && input.CertificatePath is not null)
            return;
        if (code == RefusalCode.ClientCertificateRequired.Name() && identity is not null)
        {
            // Not asked for, so not shown: that was told.
            if (findings.Has(DoctorCodes.CertificateNotRequested))
                return;
            findings.Diagnose(Rank.Interception, DoctorCodes.TlsInspection, "A client certificate was shown here, and none arrived at the gateway: something in between opens TLS.",
                $"Have {target.Host} exempted from TLS inspection, or let the load balancer pass TLS through.", $"openssl s_client -connect {target.Host}:{target.Port} -servername {target.Host} </dev/null");
            return;
        }

        findings.Diagnose(Rank.Gateway, code, read.Message, read.NextStep.Length > 0 ? read.NextStep : "Ask the gateway's operator.", CommandFor(input, code));
    }

    // The alerts of RFC 8446 §6.2 that a gateway with agent.refusal: alert sends.
    private void OfAlert(string alert)
    {
        var (code, cause, next) = alert switch
        {
            "certificate required" => (RefusalCode.ClientCertificateRequired, "The gateway wants a client certificate, and none was shown.", "Set both certificate variables of the delegate."),
            "unknown ca" => (RefusalCode.CertificateUnknownCa, "The gateway does not know the CA that issued the client certificate, or the intermediate is missing in the file.", "Use the account's client certificate with its intermediates, or add the CA to the account."),
            "certificate expired" => (RefusalCode.CertificateExpired, "The gateway says that the client certificate is outside its time of validity.", "Renew it, and compare the clocks."),
            "certificate revoked" => (RefusalCode.CertificateRevoked, "The gateway says that the client certificate is revoked.", "Make a new certificate with a new key."),
            "unsupported certificate" => (RefusalCode.CertificatePurpose, "The gateway says that the certificate is not for this use.", "Issue it with clientAuth."),
            _ => (RefusalCode.CertificateMalformed, $"The gateway refused the client certificate (alert \"{alert}\").", "The gateway's operator sees the reason in 'gatehouse refusals'."),
        };
        findings.Diagnose(Rank.Gateway, code.Name(), cause, next, CommandFor(input, code.Name()));
    }

    /// <summary>What to type after a refusal with this code.</summary>
    public static string CommandFor(DoctorInput input, string code)
    {
        var certificate = Shell.Quote(input.CertificatePath ?? "client.crt");
        var account = Shell.Quote(input.Account ?? "ID");
        return code switch
        {
            "client_certificate_required" => "export DELEGATE_CLIENT_CERTIFICATE_PATH=/etc/mtls/client.crt DELEGATE_CLIENT_CERTIFICATE_KEY_PATH=/etc/mtls/client.key",
            "certificate_unknown_ca" or "certificate_issuer_not_ca" => $"gatehouse certs verify {certificate} --ca ca.crt",
            "certificate_expired" or "certificate_not_yet_valid" or "certificate_purpose" or "certificate_weak" or "certificate_malformed" => $"gatehouse certs renew {certificate} --ca ca.crt --ca-key ca.key --out new",
            "certificate_chain_incomplete" => $"cat {certificate} intermediate.crt > chain.crt   # leaf first, then the intermediates",
            "certificate_too_large" => $"gatehouse certs inspect {certificate}",
            "certificate_revoked" => "gatehouse certs create-client --ca ca.crt --ca-key ca.key --out new",
            "certificate_denied" => $"gatehouse mtls deny list --account {account}   # on the operator's side",
            "crl_stale" => $"gatehouse mtls crl list --account {account}   # on the operator's side",
            "trust_unusable" => "gatehouse certs lint ca.crt",
            "rate_limited" => "sleep 60; gatehouse doctor",
            _ => $"gatehouse mtls show --account {account}   # on the operator's side",
        };
    }
}
