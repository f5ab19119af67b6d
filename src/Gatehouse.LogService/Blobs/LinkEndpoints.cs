using System.Text.Json.Serialization;
using Gatehouse.Contracts;
using Gatehouse.LogService.Downloads;
using Gatehouse.LogService.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.LogService.Blobs;

#pragma warning disable IDE1006 // Names of the wire.
/// <summary><c>expires</c> counts nanoseconds (sheet §4).</summary>
internal sealed record BlobLink(string link, long expires);
#pragma warning restore IDE1006

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(BlobLink))]
internal sealed partial class LinkJson : JsonSerializerContext;

/// <summary>Links to blobs (sheet §4), and their use: the signature stands for a token, admission is asked as everywhere.</summary>
internal sealed class LinkEndpoints(BlobLinks links, BlobUpload upload, BlobEndpoints blobs, RefusedUploads refused, IAgentAdmission admission)
{
    public void MapAccount(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/blob/link/upload", (HttpContext context) => Make(BlobLinks.Upload, context));
        routes.MapPost("/blob/link/download", (HttpContext context) => Make(BlobLinks.Download, context));
    }

    public void MapPublic(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/blob/" + BlobLinks.Upload, (Delegate)UploadAsync).WithMetadata(UploadRoute.Mark);
        routes.MapGet("/blob/" + BlobLinks.Download, (Delegate)DownloadAsync);
    }

    private IResult Make(string purpose, HttpContext context)
    {
        var caller = LogCaller.Of(context);
        return LogAnswers.Json(new BlobLink(links.Make(purpose, caller.Origin, caller.Id), (long)BlobLinks.Lifetime.TotalNanoseconds), LinkJson.Default.BlobLink);
    }

    private async Task<IResult> UploadAsync(HttpContext context)
    {
        if (Check(BlobLinks.Upload, context) is { } refusal)
        {
            var account = links.Read(BlobLinks.Upload, context)?.Account;
            refused.Add(account is null ? "link" : "admission", account, context.Features.Get<IAgentOrigin>()?.RemoteAddress);
            return refusal;
        }
        await upload.TakeAsync(context, links.Read(BlobLinks.Upload, context)!.Value);
        return TypedResults.NoContent();
    }

    private async Task<IResult> DownloadAsync(HttpContext context)
    {
        if (Check(BlobLinks.Download, context) is { } refusal)
            return refusal;
        var id = links.Read(BlobLinks.Download, context)!.Value;
        if (!id.Key.EndsWith(ZipDownloads.FileName, StringComparison.Ordinal))
            return await blobs.SendAsync(context, id);
        context.Response.Headers.ContentDisposition = "attachment; filename=logs.zip";
        return await blobs.SendAsync(context, id, "application/zip");
    }

    private IResult? Check(string purpose, HttpContext context)
    {
        if (links.Read(purpose, context) is not { } id)
            return LogAnswers.Error(StatusCodes.Status403Forbidden, "The link is not valid, or is over; ask for a new one.");
        return admission.Judge(context.Features.Get<IAgentOrigin>(), id.Account) is { } denial ? LogAnswers.Denied(denial) : null;
    }
}
