using Gatehouse.Contracts;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Agents;

/// <summary>
/// The agents that record what tests reach, from a folder that the operator fills. Their links lie on the host that was asked, so they are reached as everything else is
/// (sheet §7). Which file is where is a closed list: no path of a client's reaches the disk.
/// </summary>
internal sealed class AgentEndpoints(TestIntelligenceOptions options)
{
    private const string Java = "java/java-agent.jar", Python = "python/python-agent.zip", Ruby = "ruby/ruby-agent.zip", DotNet = "csharp/dotnet-agent.zip";
    private static readonly string[] s_all = [Java, Python, Ruby, DotNet];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/agents/link", (Delegate)Links);
        routes.MapGet("/agents/file/{language}/{name}", (string language, string name) => s_all.Contains($"{language}/{name}") && File.Exists(PathOf($"{language}/{name}"))
            ? Results.File(PathOf($"{language}/{name}"), "application/octet-stream", enableRangeProcessing: true)
            : TiAnswer.Error(StatusCodes.Status404NotFound, "There is no such agent here."));
    }

    private IResult Links(HttpContext http)
    {
        var query = new TiQuery(http.Request);
        var language = query.Required("language");
        // By position: clients take the first for Java, the second for Python, the third for Ruby, and .NET's where there is one.
        var (needed, offered) = language.ToLowerInvariant() switch
        {
            "java" or "kotlin" or "scala" => ([Java], [Java]),
            "csharp" => ([DotNet], [DotNet]),
            "python" => ([Python], [Python]),
            "ruby" => ([Ruby], [Ruby]),
            "runtestv2" => (s_all[..3], s_all),
            _ => throw new InputException($"There are no agents for the language '{TiQuery.Bounded(language)}'; there may be for java, kotlin, scala, csharp, python, ruby and RunTestV2."),
        };
        if (needed.FirstOrDefault(file => !File.Exists(PathOf(file))) is { } missing)
            return TiAnswer.Error(StatusCodes.Status404NotFound, $"This TI service has no agent for {TiQuery.Bounded(language)}: the operator has not put {missing} into its folder of agents (ti.agents).");
        var host = http.Features.Get<IAgentOrigin>()!.HostAndPort;
        return TiAnswer.Json(
            [.. offered.Where(file => File.Exists(PathOf(file))).Select(file => new DownloadLink(
                $"https://{host}{TestIntelligenceRole.Prefix}/agents/file/{file}?accountId={Uri.EscapeDataString(query.Account)}", Path.GetFileName(file)))],
            TiJson.Default.IReadOnlyListDownloadLink);
    }

    private string PathOf(string file) => Path.Combine(options.AgentFolder, file);
}
