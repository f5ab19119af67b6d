using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Gateway;

/// <summary>
/// Makes the rules of an endpoint from what the manager says is revoked. What cannot be read is a problem, never a shorter list: an unread line could be
/// the one that matters.
/// </summary>
internal static class RevocationReader
{
    // A change of the endpoint leaves most lists alone, and the manager then hands on the same array: reading megabytes again, and finding again whose key
    // signed them, would eat up the second in which open connections are to be judged. An entry ends with its array.
    private static readonly ConditionalWeakTable<byte[], CertificateRevocationList> s_read = [];

    /// <summary>The rules, or why there are none.</summary>
    public static (RevocationRules? Rules, string? Problem) Read(EndpointRevocation? revocation)
    {
        if (revocation is null)
            return (RevocationRules.None, null);
        try
        {
            return (RevocationRules.Create([.. revocation.Crls.Select(Read)], PolicyOf(revocation.CrlPolicy), revocation.CrlGrace, [.. revocation.Denied.Select(Read)]), null);
        }
        catch (RevocationListException e)
        {
            return (null, $"A CRL cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is DenyEntryException or ArgumentException)
        {
            return (null, $"The deny list or the CRL policy cannot be read: {e.Message}");
        }
    }

    private static CertificateRevocationList Read(ReadOnlyMemory<byte> der)
    {
        if (!MemoryMarshal.TryGetArray(der, out var segment) || segment.Array is not { } array || segment.Count != array.Length)
            return CertificateRevocationList.Parse(der);
        // Two threads may read one at once; both read the same.
        if (!s_read.TryGetValue(array, out var list))
            s_read.AddOrUpdate(array, list = CertificateRevocationList.Parse(der));
        return list;
    }

    private static DenyEntry Read(DeniedCertificate denied) => DenyEntry.Parse(
        denied.Kind switch
        {
            DenyBy.Serial => DenyKind.SerialAndIssuer,
            DenyBy.Sha256 => DenyKind.CertificateSha256,
            DenyBy.Key => DenyKind.PublicKeySha256,
            _ => throw new ArgumentOutOfRangeException(nameof(denied), denied.Kind, "No such kind."),
        },
        denied.Value, denied.Issuer);

    private static CrlPolicy PolicyOf(StaleCrlPolicy policy) => policy switch
    {
        StaleCrlPolicy.Grace => CrlPolicy.Grace,
        StaleCrlPolicy.IgnoreStale => CrlPolicy.IgnoreStale,
        _ => CrlPolicy.Strict,
    };
}
