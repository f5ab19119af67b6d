using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Client.Operator;

public sealed partial class OperatorClient
{
    /// <summary>Creates the account's mTLS endpoint.</summary>
    public Task<MtlsEndpointDetails> CreateEndpointAsync(string accountId, MtlsEndpointRequest request, CancellationToken cancellationToken) =>
        SendEndpointAsync(HttpMethod.Post, accountId, request, cancellationToken);

    /// <summary>Changes the fields of the endpoint that are not null.</summary>
    public Task<MtlsEndpointDetails> ChangeEndpointAsync(string accountId, MtlsEndpointRequest change, CancellationToken cancellationToken) =>
        SendEndpointAsync(HttpMethod.Patch, accountId, change, cancellationToken);

    /// <summary>The account's endpoint; throws with status 404 when it has none.</summary>
    public Task<MtlsEndpointDetails> GetEndpointAsync(string accountId, CancellationToken cancellationToken) =>
        SendEndpointAsync(HttpMethod.Get, accountId, request: null, cancellationToken);

    /// <summary>Deletes the endpoint; false when there was none.</summary>
    public async Task<bool> DeleteEndpointAsync(string accountId, CancellationToken cancellationToken) =>
        (await _transport.SendAsync(HttpMethod.Delete, EndpointPath(accountId), ContractsJson.Default.RestResponseBoolean, body: null, cancellationToken)).Resource;

    /// <summary>True when no endpoint has this prefix and the account may take it.</summary>
    public async Task<bool> CheckPrefixAsync(string accountId, string prefix, CancellationToken cancellationToken) =>
        (await Get(
            Query(Routes.Mtls.CheckAvailability, ("accountId", accountId), ("domainPrefix", prefix)),
            ContractsJson.Default.RestResponseBoolean, cancellationToken)).Resource;

    private async Task<MtlsEndpointDetails> SendEndpointAsync(
        HttpMethod method, string accountId, MtlsEndpointRequest? request, CancellationToken cancellationToken)
    {
        var body = request is null ? null : JsonContent.Create(request, ContractsJson.Default.MtlsEndpointRequest);
        var answer = await _transport.SendAsync(method, EndpointPath(accountId), ContractsJson.Default.RestResponseMtlsEndpointDetails, body, cancellationToken);
        return answer.Resource
            ?? throw new OperatorApiException(OperatorApiException.BadAnswer, "The server answered without an endpoint. Its log tells more.", 200);
    }

    private static string EndpointPath(string accountId) => Query(Routes.Mtls.Endpoint, ("accountId", accountId));
}
