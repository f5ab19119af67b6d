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
internal sealed class IntegrationTestEndpoints(TiDatabase database, UploadBody bodies, AccountTurns turns, TimeProvider time)
{
    private const int MaxPath = 4096;

    /// <summary>Characters of a version, a checksum, a state.</summary>
    private const int MaxWord = 256;

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
        var graph = await bodies.ReadAsync(http, TiLimits.MaxQuestionBytes, Parse, alwaysGzip: true, isKept: true);
        var repository = TiQuery.NormalRepository(graph.TestRepoUrl is { Length: > 0 and <= TiLimits.MaxName } url ? url : throw new InputException("The graph has no test_repo_url."));
        var runs = RunsOf(graph);
        // A graph that was kept under its id is not kept again: clients repeat what they do not know to have arrived.
        if (database.Read(db => db.Find("SELECT 1 FROM it_upload WHERE account = ?1 AND id = ?2", account, id), http.RequestAborted) is not null)
            return TypedResults.NoContent();
        foreach (var part in runs.Chunk(TiLimits.RowsAtOnce))
            await database.WriteAsync(db => Keep(db, account, repository, part), http.RequestAborted);
        await database.WriteAsync(
            db => db.Run("INSERT INTO it_upload (account, id, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", account, id, time.GetUtcNow().ToUnixTimeMilliseconds()), http.RequestAborted);
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

    private static List<IntegrationTestRun> RunsOf(IntegrationTestGraph graph)
    {
        var runs = new List<IntegrationTestRun>();
        foreach (var service in graph.Graph ?? [])
        {
            var name = service?.Service is { } address ? Reports.ReportWriter.Cut($"{address.ServiceName} {address.Host}:{address.Port}", TiLimits.MaxName) : "";
            foreach (var test in service?.Tests ?? [])
            {
                if (test?.TestFilePath is not { Length: > 0 and <= MaxPath } path)
                    throw new InputException($"A test of the graph has no test_file_path, or one of more than {MaxPath} characters.");
                string[] versions = [.. (test.Sources ?? []).Select(source => source?.RepoUuid ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
                if (versions.Length > TiLimits.MaxVersions || versions.Append(test.TestChecksum).Append(test.State).Any(word => word?.Length > MaxWord))
                    throw new InputException($"The test {TiQuery.Bounded(path)} reaches more than {TiLimits.MaxVersions} versions, or has a repo_uuid, test_checksum or state of more than {MaxWord} characters.");
                runs.Add(new IntegrationTestRun(path, name, test.TestChecksum ?? "", test.State ?? "", JsonSerializer.Serialize(versions)));
                if (runs.Count > TiLimits.MaxIntegrationTests)
                    throw new InputException($"The graph holds more than {TiLimits.MaxIntegrationTests} tests, counted for each service.", StatusCodes.Status413PayloadTooLarge);
            }
        }
        return runs;
    }

    private bool Keep(SqliteConnection db, string account, string repository, IReadOnlyList<IntegrationTestRun> runs)
    {
        using var keep = db.Statement("""
            INSERT INTO it_test (account, repository, path, service, checksum, state, sources, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (account, repository, path, service) DO UPDATE SET checksum = ?5, state = ?6, sources = ?7, updated_at = ?8
            """);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var run in runs)
            keep.RunWith(account, repository, run.Path, run.Service, run.Checksum, run.State, run.Versions, now);
        if (db.Scalar("SELECT count(*) FROM it_test WHERE account = ?1 AND repository = ?2", account, repository) > TiLimits.MaxIntegrationTests)
            throw new InputException($"More than {TiLimits.MaxIntegrationTests} tests, counted for each service, would be on record for this repository.", StatusCodes.Status413PayloadTooLarge);
        return true;
    }

    private async Task<IResult> SelectAsync(HttpContext http)
    {
        var account = new TiQuery(http.Request).Account;
        var body = await bodies.ReadJsonAsync(http, TiJson.Default.SelectIntegrationTests);
        var repository = TiQuery.NormalRepository(body.TestRepoUrl is { Length: > 0 } url ? url : throw new InputException("The body has no test_repo_url."));
        var files = body.Files ?? new Dictionary<string, string>();
        var deployed = (body.Deployment ?? []).Select(version => version?.RepoUuid).OfType<string>().ToHashSet(StringComparer.Ordinal);
        using var turn = await turns.EnterAsync(http);
        var tests = database.Read(db => db.Rows(
            row => (Path: row.GetString(0), Checksum: row.GetString(1), State: row.GetString(2), Versions: JsonSerializer.Deserialize<string[]>(row.GetString(3))!),
            "SELECT path, checksum, state, sources FROM it_test WHERE account = ?1 AND repository = ?2", account, repository), http.RequestAborted).ToLookup(test => test.Path);
        var skip = tests.Where(runs => runs.All(run =>
            run.State == "SUCCESS" && (run.Path == SkipGraph.NonCode || (files.TryGetValue(run.Path, out var now) && now == run.Checksum)) && run.Versions.All(deployed.Contains)));
        return TiAnswer.LongJson(
            new SkipTestsResponse
            {
                SkipTests = [.. skip.Select(runs => runs.Key).Order(StringComparer.Ordinal)],
                FailedTests = [.. tests.Where(runs => files.ContainsKey(runs.Key) && runs.Any(run => run.State == "FAILURE")).Select(runs => runs.Key).Order(StringComparer.Ordinal)],
            }, TiV2Json.Default.SkipTestsResponse);
    }
}

/// <summary>A run of a test against a service, as it is kept.</summary>
internal sealed record IntegrationTestRun(string Path, string Service, string Checksum, string State, string Versions);
