using Gatehouse.LogService.Protocol;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.LogService.Blobs;

/// <summary><c>/blob</c> (sheet §4): finished logs as raw bytes.</summary>
internal sealed class BlobEndpoints(IBlobStore blobs, BlobUpload upload)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/blob", (Delegate)UploadAsync).WithMetadata(UploadRoute.Mark);
        routes.MapGet("/blob", (Delegate)ReadAsync);
        routes.MapDelete("/blob", (Delegate)DeleteAsync);
        routes.MapGet("/blob/exists", (Delegate)ExistsAsync);
    }

    private async Task<IResult> UploadAsync(HttpContext context)
    {
        await upload.TakeAsync(context, LogCaller.Of(context).Id);
        return TypedResults.NoContent();
    }

    private async Task<IResult> ReadAsync(HttpContext context) => await SendAsync(context, LogCaller.Of(context).Id);

    private async Task<IResult> DeleteAsync(HttpContext context) =>
        await blobs.DeleteAsync(LogCaller.Of(context).Id, context.RequestAborted) ? TypedResults.NoContent() : NotFound();

    private async Task<IResult> ExistsAsync(HttpContext context)
    {
        var caller = LogCaller.Of(context);
        var found = await blobs.ListAsync(caller.Account, caller.Key, 1, context.RequestAborted);
        return LogAnswers.Text(found.Count > 0 ? "true" : "false");
    }

    /// <summary>The blob, or 404. Always as text: what a browser would take for a page was written by somebody else than this host.</summary>
    public async Task<IResult> SendAsync(HttpContext context, StreamId id, string contentType = "text/plain; charset=utf-8")
    {
        if (await blobs.ReadAsync(id, context.RequestAborted) is not { } blob)
            return NotFound();
        await using (blob)
        {
            context.Response.ContentType = contentType;
            context.Response.ContentLength = blob.Length;
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await blob.Stream.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        return Results.Empty;
    }

    private static IResult NotFound() => LogAnswers.Error(StatusCodes.Status404NotFound, "blob: not found");
}
