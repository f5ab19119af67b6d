using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>Call graphs in, and the commit up to which they reach (sheet §7).</summary>
internal sealed class GraphEndpoints(UploadBody bodies, GraphStore graphs)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tests/uploadcg", (Delegate)UploadAsync);
        routes.MapGet("/vcs/commitinfo", (HttpRequest request) => GoodCommit(new TiQuery(request)));
    }

    private async Task<IResult> UploadAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var (step, repository, sha) = (query.Step(), query.Repository(), query.Optional("sha"));
        var branch = query.Optional("source") is { Length: > 0 } source ? source : query.Required("target");
        var isNewer = query.Optional("schemaVersion").Length > 0;
        var someFailed = query.IsSet("hasFailedTests");
        await bodies.ReadAsync(http, TiLimits.MaxDecodedBytes, async (body, cancel) =>
        {
            var upload = CallGraphAvro.Read(await AvroAsync(body, cancel), isNewer, someFailed);
            // Failed tests that are on record as such are selected again whatever the next change is, so the next one may be told from this commit.
            var isGood = !someFailed && (!upload.SomeFailed || query.IsSet("failedTestRerunEnabled"));
            await graphs.MergeAsync(repository, branch, step, upload, sha, isGood, cancel);
            return true;
        }, isKept: true);
        return TypedResults.NoContent();
    }

    /// <summary>A JSON string that holds Base64.</summary>
    private static async Task<byte[]> AvroAsync(Stream body, CancellationToken cancel)
    {
        using var json = new MemoryStream();
        await body.CopyToAsync(json, cancel);
        try
        {
            var reader = new Utf8JsonReader(json.GetBuffer().AsSpan(0, (int)json.Length));
            return reader.Read() && reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var avro)
                ? avro
                : throw new InputException("The body is not a JSON string that holds a call graph in Base64.");
        }
        catch (JsonException e)
        {
            throw new InputException(UploadBody.Describe(e));
        }
    }

    private IResult GoodCommit(TiQuery query) => TiAnswer.Json(new CommitInfo(graphs.GoodCommit(query.Repository(), query.Required("branch"), query.Step())), TiJson.Default.CommitInfo);
}
