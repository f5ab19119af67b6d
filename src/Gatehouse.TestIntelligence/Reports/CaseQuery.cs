using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>Which cases of a report, in which order, and which page of them.</summary>
internal sealed record CaseQuery
{
    private const string Failures = "CASE WHEN c.status IN ('failed', 'error') THEN 0 ELSE 1 END";

    /// <summary>Each must be found in name, class, suite or file, in any case.</summary>
    public required IReadOnlyList<string> Terms { get; init; }

    public string Suite { get; init; } = "";

    public bool FailedOnly { get; init; }

    /// <summary>SQL, from a closed list.</summary>
    public required string OrderBy { get; init; }

    public required int PageIndex { get; init; }

    public required int PageSize { get; init; }

    /// <param name="query">Of the request.</param>
    /// <param name="manyTerms">Commas separate terms.</param>
    /// <exception cref="InputException">A value is none of the legal ones, which the message lists.</exception>
    public static CaseQuery Of(TiQuery query, bool manyTerms)
    {
        return new CaseQuery
        {
            Terms = TermsOf(query.Optional("testCaseSearchTerm").Trim(), manyTerms),
            Suite = query.Optional("suite_name"),
            FailedOnly = query.Optional("status") switch
            {
                "" => false,
                TestStatus.Failed => true,
                var other => throw new InputException($"The query's status is '{TiQuery.Bounded(other)}'; leave it out, or use failed."),
            },
            OrderBy = Order(query.Optional("sort"), query.Optional("order")),
            PageIndex = query.Number("pageIndex", 0, 0),
            PageSize = Math.Min(query.Number("pageSize", TiLimits.DefaultPageSize, 1), TiLimits.MaxPageSize),
        };
    }

    private static string[] TermsOf(string search, bool many)
    {
        string[] terms = search.Length == 0 ? [] : many ? search.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [search];
        if (terms.Length > TiLimits.MaxTerms)
            throw new InputException($"The query's testCaseSearchTerm has {terms.Length} terms; use at most {TiLimits.MaxTerms}.");
        if (terms.FirstOrDefault(term => term.Length > TiLimits.MaxTerm) is { } term)
            throw new InputException($"The query's testCaseSearchTerm has a term of {term.Length} characters; use at most {TiLimits.MaxTerm}.");
        return terms;
    }

    private static string Order(string sort, string order)
    {
        var direction = order.ToUpperInvariant() switch
        {
            "" or "ASC" => "ASC",
            "DESC" => "DESC",
            _ => throw new InputException($"The query's order is '{TiQuery.Bounded(order)}'; use ASC or DESC."),
        };
        return sort switch
        {
            "" => $"{Failures}, c.id {direction}",
            "name" => $"t.name {direction}, c.id",
            "class_name" => $"t.class {direction}, t.name, c.id",
            "status" => $"c.status {direction}, c.id",
            "duration_ms" => $"c.duration_ms {direction}, c.id",
            _ => throw new InputException($"The query's sort is '{TiQuery.Bounded(sort)}'; use name, class_name, status or duration_ms, or leave it out for failures first."),
        };
    }
}
