using System.Net.Http.Headers;
using System.Net.Http.Json;
using Gatehouse.Contracts;

namespace Gatehouse.Client.Operator;

public sealed partial class OperatorClient
{
    /// <summary>The account's CRLs.</summary>
    public Task<IReadOnlyList<CrlView>> ListCrlsAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Crls, accountId), ContractsJson.Default.IReadOnlyListCrlView, cancellationToken);

    /// <summary>Uploads a CRL; it takes the place of the one before it in its series. In effect when this returns.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="file">PEM or DER, at most <see cref="Limits.MaxCrlUploadBytes"/>.</param>
    /// <param name="force">Also one that is older than what is there, is of no CA of the bundle, or shuts everybody out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CrlUploadView> AddCrlAsync(string accountId, ReadOnlyMemory<byte> file, bool force, CancellationToken cancellationToken)
    {
        var body = new ReadOnlyMemoryContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        return _transport.SendAsync(
            HttpMethod.Post, Query(Path(Routes.Operator.Crls, accountId), ("force", force ? "true" : null)), ContractsJson.Default.CrlUploadView, body, cancellationToken);
    }

    /// <summary>Takes a CRL out: whoever is on it, and on no other, gets in again.</summary>
    public Task RemoveCrlAsync(string accountId, string crlId, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Delete, Path(Routes.Operator.Crl, accountId, crlId), cancellationToken);

    /// <summary>What the account wants done with CRLs past their nextUpdate.</summary>
    public Task<CrlPolicyView> GetCrlPolicyAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.CrlPolicy, accountId), ContractsJson.Default.CrlPolicyView, cancellationToken);

    /// <summary>Changes what is done with CRLs past their nextUpdate; fields that are null stay.</summary>
    public Task<CrlPolicyView> SetCrlPolicyAsync(string accountId, SetCrlPolicyRequest request, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            HttpMethod.Put, Path(Routes.Operator.CrlPolicy, accountId), ContractsJson.Default.CrlPolicyView,
            JsonContent.Create(request, ContractsJson.Default.SetCrlPolicyRequest), cancellationToken);

    /// <summary>The account's deny list, oldest first.</summary>
    public Task<IReadOnlyList<DeniedView>> ListDeniedAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Denied, accountId), ContractsJson.Default.IReadOnlyListDeniedView, cancellationToken);

    /// <summary>Denies a certificate or a key; the entry that is there already when it is. In effect when this returns.</summary>
    public Task<DeniedView> DenyAsync(string accountId, DenyRequest request, CancellationToken cancellationToken) =>
        Post(Path(Routes.Operator.Denied, accountId), request, ContractsJson.Default.DenyRequest, ContractsJson.Default.DeniedView, cancellationToken);

    /// <summary>Takes an entry off the deny list.</summary>
    public Task RemoveDeniedAsync(string accountId, string entryId, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Delete, Path(Routes.Operator.DeniedEntry, accountId, entryId), cancellationToken);
}
