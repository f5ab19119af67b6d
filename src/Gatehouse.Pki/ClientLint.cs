using Gatehouse.Pki.Files;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki;

/// <summary>
/// Looks at a delegate's certificate file, with its key if that is given, for what is wrong or will be. It knows no CA: whether a gateway
/// lets the certificate in, <see cref="ClientChainVerifier"/> says.
/// </summary>
public static class ClientLint
{
    /// <summary>Longest validity of a client certificate, in days, that is not warned of: what the CA/Browser Forum allowed when it still allowed years.</summary>
    public const int LongestDays = 825;

    private const string Renew = "gatehouse certs renew FILE --ca ca.crt --ca-key ca.key --out new";
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(30);

    /// <summary>Reports everything, errors first. Throws nothing for any file.</summary>
    /// <param name="file">The certificate with its intermediates, in any order.</param>
    /// <param name="key">The key's file; null when it is not at hand.</param>
    /// <param name="now">The time to judge dates by.</param>
    public static IReadOnlyList<LintFinding> Check(PkiFile file, PkiFile? key, DateTimeOffset now)
    {
        var findings = new List<LintFinding>();
        void Error(string code, string message, string? command = null) => findings.Add(new LintFinding(LintSeverity.Error, code, message, command));
        void Warn(string code, string message, string? command = null) => findings.Add(new LintFinding(LintSeverity.Warning, code, message, command));

        if (file.WhyNoCertificate is { } why)
        {
            Error(ClientLintCodes.NoCertificate, why, file.Requests.Count > 0 ? Bundles.Mending.Sign : null);
            return findings;
        }

        ClientChain chain;
        try
        {
            chain = ClientChain.Of(file, key);
        }
        catch (PkiFileException e)
        {
            bool unusable = key is not null && key.PrivateKeys.Count != 1;
            Error(unusable ? ClientLintCodes.KeyUnusable : key is null ? CaBundleCodes.Malformed : ClientLintCodes.KeyMismatch, e.Message, unusable ? null : Renew);
            return findings;
        }

        if (key is not null && key.Keys[0].Format.Contains("encrypted", StringComparison.Ordinal))
            Error(ClientLintCodes.KeyUnusable, "The key is encrypted, and a delegate asks nobody for a password. Store it unencrypted, readable by its owner alone.", "gatehouse certs convert KEY-FILE --out .");
        ParsedCertificate leaf = chain.Parsed;
        CheckLeaf(leaf, $"The certificate \"{Wording.Name(leaf.Subject)}\"", now, Error, Warn);
        CheckDates(leaf, now, Error, Warn);
        CheckFile(file, chain, Warn);
        return [.. findings.OrderBy(finding => finding.Severity)];
    }

    private static void CheckLeaf(ParsedCertificate leaf, string who, DateTimeOffset now, Action<string, string, string?> error, Action<string, string, string?> warn)
    {
        if (leaf.Problem is { } problem)
            error(CaBundleCodes.Malformed, $"{who} {problem}. Issue it again.", Renew);
        if (leaf.IsCa)
            error(ClientLintCodes.CaCertificate, $"{who} is a CA certificate. Issue a client certificate with it, and keep the CA's key off delegates.", "gatehouse certs create-client --ca ca.crt --ca-key ca.key --out .");
        if (leaf.Key.Objection is { } objection)
            error(CaBundleCodes.WeakKey, $"{who} has {objection.Text}.", Renew + " --key rsa:2048");
        if (leaf.Scheme.IsWeak)
            error(CaBundleCodes.WeakSignature, $"{who} is signed with {leaf.Scheme.Name}, which can be forged.", Renew);
        if (leaf.ExtendedKeyUsages is { } purposes)
        {
            if (!purposes.Contains(Oids.ClientAuth))
                error(ClientLintCodes.Purpose, $"{who} is not for clients: its extended key usage is {Wording.Purposes(purposes)}, without clientAuth.", Renew);
        }
        else if (leaf.Version < 3)
        {
            warn(ClientLintCodes.VersionOne, $"{who} is X.509 v{leaf.Version}, as the documented OpenSSL steps make it: nothing in it says what it is for or whose key signed it. Gateways take it; v3 is better.", Renew);
        }
        else if (!leaf.IsCa)
        {
            warn(ClientLintCodes.NoPurpose, $"{who} has no extended key usage: it is as good for a server as for a client.", Renew);
        }

        if (leaf.Version == 3 && leaf.AuthorityKeyId is null && !leaf.IsSelfIssued)
            warn(ClientLintCodes.NoKeyIdentifier, $"{who} does not say which key signed it (authority key identifier). That matters when two CAs have one name, as after a rotation by the same commands.", Renew);
    }

    private static void CheckDates(ParsedCertificate leaf, DateTimeOffset now, Action<string, string, string?> error, Action<string, string, string?> warn)
    {
        string who = $"The certificate \"{Wording.Name(leaf.Subject)}\"";
        if (now > leaf.NotAfter)
            error(CaBundleCodes.Expired, $"{who} expired {Wording.Duration(now - leaf.NotAfter)} ago ({Wording.Time(leaf.NotAfter)}).", Renew);
        else if (now < leaf.NotBefore)
            error(CaBundleCodes.NotYetValid, $"{who} becomes valid only in {Wording.Duration(leaf.NotBefore - now)} ({Wording.Time(leaf.NotBefore)}). Compare the clocks of this machine and of the one that issued it.", "date -u");
        else if (leaf.NotAfter - now <= s_soon)
            warn(CaBundleCodes.ExpiresSoon, $"{who} expires in {Wording.Duration(leaf.NotAfter - now)} ({Wording.Time(leaf.NotAfter)}).", Renew);
        if (TooLong((leaf.NotAfter - leaf.NotBefore).TotalDays) is { } tooLong)
            warn(ClientLintCodes.LongValidity, tooLong, Renew);
    }

    /// <summary>The warning about a validity of this many days; null when it is not too long.</summary>
    public static string? TooLong(double days) => days <= LongestDays + 1 ? null
        : $"Valid for {Wording.Count((int)Math.Round(days), "day")}: more than {LongestDays}. Whoever copies the key has it for that long; a year, renewed by a job, is better.";

    private static void CheckFile(PkiFile file, ClientChain chain, Action<string, string, string?> warn)
    {
        if (chain.Place > 1)
            warn(ClientLintCodes.Order, $"The client certificate is number {chain.Place} of the file. Our delegate sorts them; other programs show the first. Put it first.", "gatehouse certs convert FILE --out new");
        if (chain.HasRoot)
            warn(ClientLintCodes.RootInChain, "A self-signed root is in the file. It is of no use there: the other side believes only its own copy.", null);
        if (file.Keys.Count > 0)
            warn(ClientLintCodes.KeyInside, "The private key is in the certificate's file. Keep it in a file of its own that only its owner can read.", "gatehouse certs convert FILE --out new");
    }
}
