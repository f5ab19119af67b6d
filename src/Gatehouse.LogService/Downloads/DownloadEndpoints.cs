using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Gatehouse.LogService.Blobs;
using Gatehouse.LogService.Protocol;
using Gatehouse.LogService.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.LogService.Downloads;

#pragma warning disable IDE1006 // Names of the wire.
internal sealed record DownloadAnswer(string link, ZipStatus status, long expires, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? message);
#pragma warning restore IDE1006

[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DownloadAnswer))]
internal sealed partial class DownloadJson : JsonSerializerContext;

/// <summary><c>POST /blob/download</c>, asked again until it is done (sheet §6). Each answer has its body, and what is known is the account's own.</summary>
internal sealed partial class DownloadEndpoints(ZipDownloads downloads, IBlobStore blobs, BlobLinks links)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/blob/download", (Delegate)DownloadAsync);

    private async Task<IResult> DownloadAsync(HttpContext context)
    {
        var caller = LogCaller.Of(context);
        var text = context.Request.Query["prefix"].ToString();
        if (text.Length == 0)
            return LogAnswers.Error(StatusCodes.Status404NotFound, "The query names no prefix.");
        if (text.Length > LogLimits.MaxKeyBytes || !Shape().IsMatch(text))
            return LogAnswers.Error(StatusCodes.Status400BadRequest, "The prefix names no run: it needs runSequence:<number>, or <account>/pipeline/<pipeline>/<number>/.");
        var prefix = new StreamId(caller.Account, text);
        if (downloads.Find(prefix) is { } known)
        {
            // A zip goes as logs go: when it is old, or somebody deletes it.
            if (known.Status != ZipStatus.success || await blobs.SizeAsync(known.Zip, context.RequestAborted) is not null)
                return Answer(caller, known);
            downloads.Forget(known);
        }

        var logs = (await blobs.ListAsync(caller.Account, text, ZipDownloads.MaxLogs + 2, context.RequestAborted))
            .Where(log => !log.Key.EndsWith(ZipDownloads.FileName, StringComparison.Ordinal)).ToList();
        if (logs.Count == 0)
            return LogAnswers.Error(StatusCodes.Status404NotFound, "There are no logs below this prefix.");
        if (logs.Count > ZipDownloads.MaxLogs || logs.Sum(log => log.Size) > ZipDownloads.MaxBytes)
            return LogAnswers.Error(StatusCodes.Status500InternalServerError, "Prefix Key Exceeds Maximum Download Limit");
        return downloads.Start(prefix, logs) is { } started
            ? Answer(caller, started)
            : LogAnswers.Error(StatusCodes.Status500InternalServerError, "Too many downloads wait already; ask again later.");
    }

    private IResult Answer(LogCaller caller, ZipDownload download) => LogAnswers.Json(
        new DownloadAnswer(links.Make(BlobLinks.Download, caller.Origin, download.Zip, ZipDownloads.Lifetime), download.Status, (long)ZipDownloads.Lifetime.TotalNanoseconds, download.Message),
        DownloadJson.Default.DownloadAnswer);

    [GeneratedRegex(@"runSequence:\d|^[^/]+/pipeline/[^/]+/\d+/", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
