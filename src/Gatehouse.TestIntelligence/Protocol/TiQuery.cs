using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>
/// Reads the query. Clients paste values in unescaped: whole URLs as <c>repo</c>, branches with slashes (sheet §7). What is decoded once by the server is the value.
/// </summary>
internal readonly struct TiQuery(HttpRequest request)
{
    /// <summary>The account: of the path where that names one, as the operator's routes do; else of the query, where the gate has checked that there is exactly one.</summary>
    public string Account => request.RouteValues["accountId"] as string ?? request.Query["accountId"].ToString();

    /// <exception cref="InputException">It is missing, empty, there twice, or longer than a name may be.</exception>
    public string Required(string name) => Optional(name) is { Length: > 0 } value
        ? value
        : throw new InputException($"The query has no value for {name}; add {name}=….");

    /// <summary>Empty when it is missing.</summary>
    /// <exception cref="InputException">It is there twice, or longer than a name may be.</exception>
    public string Optional(string name)
    {
        var values = request.Query[name];
        if (values.Count > 1)
            throw new InputException($"The query names {name} more than once.");
        var value = values.Count == 0 ? "" : values[0] ?? "";
        if (value.Length > TiLimits.MaxName)
            throw new InputException($"The query's {name} is longer than {TiLimits.MaxName} characters.");
        return value;
    }

    /// <summary>True for <c>true</c> and <c>1</c>, as the clients' own language reads it.</summary>
    public bool IsSet(string name) => Optional(name) is "true" or "1" or "True" or "TRUE" or "t" or "T";

    /// <exception cref="InputException">It is no whole number from <paramref name="least"/> up.</exception>
    public int Number(string name, int preset, int least)
    {
        var text = Optional(name);
        if (text.Length == 0)
            return preset;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new InputException($"The query's {name} is '{Bounded(text)}'; it is a whole number from {least} up.");
    }

    /// <summary>The project that all of this belongs to.</summary>
    public ProjectKey Project() => new(Account, Required("orgId"), Required("projectId"));

    /// <summary>The repository within the project; one name with or without <c>.git</c> and a slash at its end.</summary>
    public RepositoryKey Repository() => new(Project(), NormalRepository(Required("repo")));

    /// <summary>The step that asks, all of it required.</summary>
    public StepKey Step() => new(Project(), Required("pipelineId"), Required("buildId"), Required("stageId"), Required("stepId"));

    /// <summary>The build, and stage and step where they are given: an empty one means all (sheet §7).</summary>
    public StepKey StepOrAll() => new(Project(), Required("pipelineId"), Required("buildId"), Optional("stageId"), Optional("stepId"));

    public static string NormalRepository(string url)
    {
        var name = url.TrimEnd('/');
        return name.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
    }

    /// <summary>A peer's text in a sentence: short, without control characters.</summary>
    public static string Bounded(string text)
    {
        var cut = text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 99), "…");
        return string.Create(cut.Length, cut, (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '?' : from[i];
        });
    }
}

/// <summary>A project of an account.</summary>
internal sealed record ProjectKey(string Account, string Org, string Project);

/// <summary>A repository within a project.</summary>
internal sealed record RepositoryKey(ProjectKey Project, string Url);

/// <summary>A step of a build; an empty stage or step stands for all of them where that is allowed.</summary>
internal sealed record StepKey(ProjectKey Project, string Pipeline, string Build, string Stage, string Step);
