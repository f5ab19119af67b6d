using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Endpoints;

/// <summary>The endpoints as the tables have them at start, without what they revoked.</summary>
internal static class StoredEndpoints
{
    /// <summary>All endpoints there are.</summary>
    /// <param name="stored">Where they are stored.</param>
    /// <param name="accounts">Gives the ids: one string of each, not two, at a hundred thousand.</param>
    public static IEnumerable<EndpointTrust> Read(StoredRows stored, AccountRegistry accounts)
    {
        var bundles = new BundleMemory();
        return stored.Read("""SELECT "AccountId", "Generation", "Fqdn", "VanityHost", "Mode", "CaCertificates" FROM "endpoints" """, row => new EndpointTrust(
            accounts.IdOf(row.Utf8(0)), row.Number(1), row.Text(2), row.TextOrNull(3),
            row.Utf8(4).SequenceEqual("LOOSE"u8) ? MtlsMode.LOOSE : MtlsMode.STRICT, bundles.Read(row.Utf8(5))));
    }

    /// <summary>Those that were deleted.</summary>
    public static IEnumerable<EndpointTrust> Deleted(StoredRows stored) =>
        stored.Read("""SELECT "AccountId", "Generation" FROM "endpoint_tombstones" """, row => TrustRegistry.Deleted(row.Text(0), row.Number(1)));
}
