using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.SkipLists;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;

namespace Gatehouse.TestIntelligence.IntegrationTests;

/// <summary>
/// Integration tests: one may be skipped when its file is as it was, it passed, and every version of every repository that it reached, in every service it called, is
/// still the deployed one (sheet §7, <c>/it</c>).
/// </summary>
internal sealed class IntegrationTestEndpoints(TiDatabase database, UploadBody bodies, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/it/uploadcg", (Delegate)UploadAsync);
        routes.MapPost("/it/select", (Delegate)SelectAsync);
    }

    private async Task<IResult> UploadAsync(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var (account, id) = (query.Account, query.Required("cgId"));
        // Compressed without saying so, by whom the sheet knows; who says so is believed, too.
        var graph = await bodies.ReadAsync(http, TiLimits.MaxQuestionBytes, Parse, alwaysGzip: true);
        var repository = TiQuery.NormalRepository(graph.TestRepoUrl is { Length: > 0 and <= TiLimits.MaxName } url ? url : throw new InputException("The graph has no test_repo_url."));
        await database.WriteAsync(db => Keep(db, account, id, repository, graph), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<IntegrationTestGraph> Parse(Stream body, CancellationToken cancel)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(body, TiJson.Default.IntegrationTestGraph, cancel) ?? throw new InputException("The graph is JSON null; send an object.");
        }
        catch (JsonException e)
        {
            throw new InputException(UploadBody.Describe(e));
        }
    }

    /// <summary>A graph that was kept under its id is not kept again: clients repeat what they do not know to have arrived.</summary>
    private bool Keep(SqliteConnection db, string account, string id, string repository, IntegrationTestGraph graph)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (db.Run("INSERT INTO it_upload (account, id, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", account, id, now) == 0)
            return false;
        using var keep = db.Statement("""
            INSERT INTO it_test (account, repository, path, service, checksum, state, sources, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (account, repository, path, service) DO UPDATE SET checksum = ?5, state = ?6, sources = ?7, updated_at = ?8
            """);
        foreach (var service in graph.Graph ?? [])
        {
            var name = service?.Service is { } address ? $"{address.ServiceName} {address.Host}:{address.Port}" : "";
            foreach (var test in service?.Tests ?? [])
            {
                if (test?.TestFilePath is not { Length: > 0 and <= 4096 } path)
                    throw new InputException("A test of the graph has no test_file_path, or one of more than 4096 characters.");
                string[] versions = [.. (test.Sources ?? []).Select(source => source?.RepoUuid ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
                keep.RunWith(account, repository, path, Reports.ReportWriter.Cut(name, TiLimits.MaxName), test.TestChecksum ?? "", test.State ?? "", JsonSerializer.Serialize(versions), now);
            }
        }
        return true;
    }

    private async Task<IResult> SelectAsync(HttpContext http)
    {
        var account = new TiQuery(http.Request).Account;
        var body = await bodies.ReadJsonAsync(http, TiJson.Default.SelectIntegrationTests);
        var repository = TiQuery.NormalRepository(body.TestRepoUrl is { Length: > 0 } url ? url : throw new InputException("The body has no test_repo_url."));
        var files = body.Files ?? new Dictionary<string, string>();
        var deployed = (body.Deployment ?? []).Select(version => version?.RepoUuid).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var tests = database.Read(db => db.Rows(
            row => (Path: row.GetString(0), Checksum: row.GetString(1), State: row.GetString(2), Versions: JsonSerializer.Deserialize<string[]>(row.GetString(3))!),
            "SELECT path, checksum, state, sources FROM it_test WHERE account = ?1 AND repository = ?2", account, repository)).ToLookup(test => test.Path);
        var skip = tests.Where(runs => runs.All(run =>
            run.State == "SUCCESS" && (run.Path == SkipGraph.NonCode || (files.TryGetValue(run.Path, out var now) && now == run.Checksum)) && run.Versions.All(deployed.Contains)));
        return TiAnswer.Json(
            new SkipTestsResponse
            {
                SkipTests = [.. skip.Select(runs => runs.Key).Order(StringComparer.Ordinal)],
                FailedTests = [.. tests.Where(runs => files.ContainsKey(runs.Key) && runs.Any(run => run.State == "FAILURE")).Select(runs => runs.Key).Order(StringComparer.Ordinal)],
            }, TiV2Json.Default.SkipTestsResponse);
    }
}
