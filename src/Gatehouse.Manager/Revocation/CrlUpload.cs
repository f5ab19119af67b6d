using System.Globalization;
using System.Numerics;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Gatehouse.Pki;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Revocation;

/// <summary>The rules for an uploaded CRL that need the account: whose it is, what it may replace, and whether it would shut everybody out.</summary>
internal sealed class CrlUpload(DelegateDirectory delegates, TimeProvider time)
{
    /// <summary>Reads a file; why it is no list of ours is the fault.</summary>
    public static Outcome<CertificateRevocationList> Read(byte[] file)
    {
        try
        {
            return CertificateRevocationList.Parse(file);
        }
        catch (RevocationListException e)
        {
            return new Fault(StatusCodes.Status400BadRequest, "crl_unusable", e.Message);
        }
    }

    /// <summary>Checks it against the account's CAs. <paramref name="known"/>: the account's lists; <paramref name="force"/>: take a list of an unknown issuer.</summary>
    public Outcome<RevocationListReport> Check(CertificateRevocationList crl, EndpointRow endpoint, IReadOnlyList<CrlFacts> known, bool force)
    {
        TrustAnchors anchors;
        try
        {
            anchors = TrustAnchors.Parse(endpoint.CaCertificates);
        }
        catch (CaBundleException e)
        {
            return new Fault(StatusCodes.Status409Conflict, "trust_unusable", $"The account's CA bundle cannot be used, so no CRL can be checked against it: {e.Message}");
        }

        var report = RevocationListCheck.Check(crl, anchors, time.GetUtcNow());
        if (report.Errors is [var error, ..])
            return new Fault(StatusCodes.Status400BadRequest, "crl_" + error.Code, error.Message);
        var stranger = report.Warnings.Any(warning => warning.Code == RevocationListCodes.IssuerNotAnchor);
        return stranger && !force && known.All(list => list.Series != report.Series) && !IsIssuerOfADelegate(endpoint.AccountId, crl.Issuer)
            ? new Fault(StatusCodes.Status400BadRequest, "crl_issuer_unknown",
                $"The CRL is of \"{crl.Issuer}\", which is neither a CA of the account ({Names(anchors)}) nor the issuer of a certificate that one of its delegates showed. "
                + "Is it another account's? For an intermediate CA of this account, upload it with --force (force=true), or add that CA to the bundle.")
            : report;
    }

    /// <summary>Why the list must not take the other's place; null when it may.</summary>
    public static Fault? Older(CertificateRevocationList crl, CrlFacts than) =>
        Compare(crl.Number, than.Number) < 0 ? Conflict("crl_older",
            $"The CRL of \"{crl.Issuer}\" has number {crl.Number}, and the one that is stored has the higher number {than.Number}: certificates revoked in between would be let in again. Upload the newest, or insist with --force (force=true).")
        : crl.ThisUpdate < than.ThisUpdate ? Conflict("crl_older",
            $"The CRL of \"{crl.Issuer}\" was issued {Time(crl.ThisUpdate)}, before the one that is stored ({Time(than.ThisUpdate)}): certificates revoked in between would be let in again. Upload the newest, or insist with --force (force=true).")
        : null;

    /// <summary>Why the list would shut out everybody it speaks for; null when it would not, or when the list before it does so already.</summary>
    public static Fault? ShutsOut(CrlAge age, CrlAge? before) => age.State == CrlState.REFUSING && before?.State != CrlState.REFUSING
        ? Conflict("crl_out_of_date", $"{age.Warning} It was not stored. Upload the current one, or insist with --force (force=true).")
        : null;

    private bool IsIssuerOfADelegate(string accountId, string issuer) =>
        delegates.Of(accountId).Any(state => state.Origin.Certificate?.Issuer == issuer);

    private static string Names(TrustAnchors anchors) => string.Join(", ", anchors.Facts.Take(4).Select(ca => $"\"{ca.Subject}\"")) + (anchors.Facts.Count > 4 ? ", …" : "");

    /// <summary>Below zero when the first is lower; lists without a number are told apart by their dates.</summary>
    internal static int Compare(string? number, string? other) => number is null || other is null ? 0 : Value(number).CompareTo(Value(other));

    // "0" in front: or a first digit from 8 up would make it negative.
    private static BigInteger Value(string hex) => hex.StartsWith('-')
        ? -BigInteger.Parse("0" + hex[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static Fault Conflict(string code, string message) => new(StatusCodes.Status409Conflict, code, message);

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
