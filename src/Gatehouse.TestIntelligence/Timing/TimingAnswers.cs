using System.IO.Compression;
using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;

namespace Gatehouse.TestIntelligence.Timing;

/// <summary>
/// What the steps of a build were told of durations. Steps that run at once split the tests by them, each by itself; were one told what another has reported meanwhile,
/// a test would run twice or not at all. So the first answer holds for the build.
/// </summary>
internal sealed class TimingAnswers(TiDatabase database, AccountSpace space, TimeProvider time)
{
    /// <summary>Longer than the steps of a build that split tests are apart.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(2);

    /// <summary>The build's answer: the first one, or <paramref name="now"/>, which it is from here on.</summary>
    /// <param name="project">The project.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="build">The build.</param>
    /// <param name="asked">What was asked: another question has another answer.</param>
    /// <param name="now">Works it out.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public async Task<GetTestTimesResponse> OfAsync(ProjectKey project, string pipeline, string build, string asked, Func<GetTestTimesResponse> now, CancellationToken cancellationToken)
    {
        if (Find(project, pipeline, build, asked, cancellationToken) is { } known)
            return Unpack(known);
        var answer = now();
        if (space.Refusal(project.Account) is not null)
            return answer;
        var packed = Pack(answer);
        // Two may come at once: what is there first holds for both.
        await database.WriteAsync(db => db.Run(
            "INSERT INTO timing_answer (pipeline, build, asked, answer, created_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            PipelineRows.IdOf(db, project, pipeline), build, asked, packed, time.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken);
        return Find(project, pipeline, build, asked, cancellationToken) is { } first ? Unpack(first) : answer;
    }

    private byte[]? Find(ProjectKey project, string pipeline, string build, string asked, CancellationToken cancellationToken) => database.Read(db => PipelineRows.Find(db, project, pipeline) is { } id
        ? db.Rows(row => row.GetFieldValue<byte[]>(0), "SELECT answer FROM timing_answer WHERE pipeline = ?1 AND build = ?2 AND asked = ?3", id, build, asked).FirstOrDefault()
        : null, cancellationToken);

    private static byte[] Pack(GetTestTimesResponse answer)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            JsonSerializer.Serialize(gzip, answer, TiJson.Default.GetTestTimesResponse);
        return packed.ToArray();
    }

    private static GetTestTimesResponse Unpack(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(gzip, TiJson.Default.GetTestTimesResponse)!;
    }
}
