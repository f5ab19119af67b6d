using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Revocation;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Endpoints;

/// <summary>The mTLS endpoint API (protocol sheet §2): every answer 200 or an error, in the wrapper.</summary>
internal sealed class MtlsEndpoints(EndpointService service, RevocationSummary revocation)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Mtls.Endpoint, (Delegate)((HttpContext context) => ChangeAsync(context, service.CreateAsync))).Reads<MtlsEndpointRequest>();
        routes.MapPut(Routes.Mtls.Endpoint, (Delegate)((HttpContext context) => ChangeAsync(context, service.ReplaceAsync))).Reads<MtlsEndpointRequest>();
        routes.MapPatch(Routes.Mtls.Endpoint, (Delegate)((HttpContext context) => ChangeAsync(context, service.PatchAsync))).Reads<MtlsEndpointRequest>();
        routes.MapGet(Routes.Mtls.Endpoint, ShowAsync).Produces<RestResponse<MtlsEndpointDetails>>();
        routes.MapDelete(Routes.Mtls.Endpoint, DeleteAsync).Produces<RestResponse<bool>>();
        routes.MapGet(Routes.Mtls.CheckAvailability, CheckAsync).Produces<RestResponse<bool>>();
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, Func<string, MtlsEndpointRequest, CancellationToken, Task<Outcome<EndpointChange>>> change)
    {
        if (!AccountOf(context).Succeeded(out var accountId, out var fault))
            return fault.ProtocolError();
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.MtlsEndpointRequest)).Succeeded(out var request, out fault))
            // The protocol's own code for a body that its parser cannot read (sheet §2.3, 2); an absent one is an argument that is missing (3).
            return (fault.Status != 400 ? fault : fault with { Code = context.Request.ContentLength == 0 ? ProtocolErrorCode.InvalidArgument : ProtocolErrorCode.Default }).ProtocolError();
        return (await change(accountId, request, context.RequestAborted)).Succeeded(out var changed, out fault)
            ? Answers.Wrapped(Details(changed.Row), ContractsJson.Default.RestResponseMtlsEndpointDetails, changed.Warnings)
            : fault.ProtocolError();
    }

    private async Task<IResult> ShowAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!AccountOf(context).Succeeded(out var accountId, out var fault))
            return fault.ProtocolError();
        return await service.FindAsync(accountId, cancellationToken) is { } row
            ? Answers.Wrapped(Details(row) with { Revocation = await revocation.FindAsync(accountId, cancellationToken) }, ContractsJson.Default.RestResponseMtlsEndpointDetails)
            : EndpointService.NotFound(accountId).ProtocolError();
    }

    private async Task<IResult> DeleteAsync(HttpContext context, CancellationToken cancellationToken) =>
        AccountOf(context).Succeeded(out var accountId, out var fault)
            ? Answers.Wrapped(await service.DeleteAsync(accountId, cancellationToken), ContractsJson.Default.RestResponseBoolean)
            : fault.ProtocolError();

    private async Task<IResult> CheckAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!AccountOf(context).Succeeded(out var accountId, out var fault))
            return fault.ProtocolError();
        if (!context.Request.Query.ContainsKey("domainPrefix"))
            return Fault.Of(ProtocolErrorCode.InvalidArgument, "The query lacks domainPrefix.").ProtocolError();
        if (!(await service.CheckAsync(accountId, context.Request.Query["domainPrefix"], cancellationToken)).Succeeded(out var availability, out fault))
            return fault.ProtocolError();
        IReadOnlyList<ResponseMessage> why = availability.Reason is { } reason
            ? [new ResponseMessage { Code = ProtocolErrorCode.InvalidRequest, Level = "INFO", Message = reason }]
            : [];
        return Answers.Wrapped(availability.Free, ContractsJson.Default.RestResponseBoolean, why);
    }

    /// <summary><c>accountId</c>, or <c>accountIdentifier</c> as the Next-Gen front calls it (sheet §2.1).</summary>
    private static Outcome<string> AccountOf(HttpContext context)
    {
        var query = context.Request.Query;
        string? account = query["accountId"], alias = query["accountIdentifier"];
        if (account is not null && alias is not null && account != alias)
            return Fault.Of(ProtocolErrorCode.InvalidArgument, "accountId and accountIdentifier name different accounts; send one of them.");
        return string.IsNullOrEmpty(account ?? alias)
            ? Fault.Of(ProtocolErrorCode.InvalidArgument, "The query names no account; add accountId.")
            : (account ?? alias)!;
    }

    private static MtlsEndpointDetails Details(EndpointRow row) => new()
    {
        Uuid = row.Uuid,
        AccountId = row.AccountId,
        Fqdn = row.Fqdn,
        CaCertificates = row.CaCertificates,
        Mode = row.Mode,
        DomainPrefix = row.DomainPrefix,
        VanityHost = row.VanityHost,
        Generation = row.Generation,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };
}
