using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Revocation;

/// <summary>What the tables hold of revocation, as gateways are told it.</summary>
internal static class StoredRevocation
{
    /// <summary>By account, of all that have any. Nothing is parsed: a gateway that cannot read a list shuts the endpoint, and says so.</summary>
    public static Dictionary<string, EndpointRevocation> Load(StoredRows stored)
    {
        var crls = stored.Read("""SELECT "AccountId", "Der" FROM "crls" ORDER BY "Id" """, row => new Crl(row.Text(0), row.Bytes(1)))
            .ToLookup(crl => crl.AccountId, crl => new ReadOnlyMemory<byte>(crl.Der), StringComparer.Ordinal);
        var denied = stored.Read("""SELECT "AccountId", "Kind", "Value", "IssuerName" FROM "denied_certificates" ORDER BY "Id" """, row => new Denied(row.Text(0), EntryOf(row.Name<DenyBy>(1), row.Text(2), row.Text(3))))
            .ToLookup(denied => denied.AccountId, denied => denied.Entry, StringComparer.Ordinal);
        const string Policies = """
            SELECT "AccountId", "CrlPolicy", "CrlGrace" FROM "endpoints"
            WHERE "AccountId" IN (SELECT "AccountId" FROM "crls" UNION SELECT "AccountId" FROM "denied_certificates")
            """;
        return stored.Read(Policies, row => new Policy(row.Text(0), row.Name<StaleCrlPolicy>(1), TimeSpan.FromSeconds(row.Number(2)))).ToDictionary(
            policy => policy.AccountId,
            policy => new EndpointRevocation([.. crls[policy.AccountId]], policy.Stale, policy.Grace, [.. denied[policy.AccountId]]), StringComparer.Ordinal);
    }

    private sealed record Crl(string AccountId, byte[] Der);

    private sealed record Denied(string AccountId, DeniedCertificate Entry);

    private sealed record Policy(string AccountId, StaleCrlPolicy Stale, TimeSpan Grace);

    /// <summary>Null when nothing is revoked: then the policy has nothing to say either.</summary>
    public static EndpointRevocation? Of(EndpointRow endpoint, IReadOnlyList<ReadOnlyMemory<byte>> crls, IReadOnlyList<DeniedCertificate> denied) =>
        crls.Count + denied.Count == 0 ? null : new EndpointRevocation(crls, endpoint.CrlPolicy, TimeSpan.FromSeconds(endpoint.CrlGrace), denied);

    public static DeniedCertificate EntryOf(DeniedRow row) => EntryOf(row.Kind, row.Value, row.IssuerName);

    private static DeniedCertificate EntryOf(DenyBy kind, string value, string issuerName) => new(kind, value, issuerName.Length == 0 ? null : issuerName);
}
