using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Graphs;

/// <summary>
/// <c>GET /vg</c>: which sources which tests reach, as nodes and edges to draw (sheet §7). With <c>class</c>: that class and what is one step from it; else the sources
/// that most tests reach. Of the branch that the step was asked about.
/// </summary>
internal sealed class CallGraphPicture(TiDatabase database, GraphStore graphs, AccountTurns turns)
{
    private const int DefaultNodes = 200, MostNodes = 2_000;

    public void Map(IEndpointRouteBuilder routes) => turns.MapGet(routes, "/vg", http => Answer(new TiQuery(http.Request), http.RequestAborted));

    private IResult Answer(TiQuery query, CancellationToken aborted)
    {
        var (step, className) = (query.StepOrAll(), query.Optional("class"));
        var most = Math.Min(query.Number("limit", DefaultNodes, 1), MostNodes);
        var asked = database.Read(db => db.Rows(
            row => (Repository: new RepositoryKey(step.Project, row.GetString(0)), Source: row.GetString(1), Target: row.GetString(2)),
            """
            SELECT r.url, s.source_branch, s.target_branch FROM selection s JOIN repository r ON r.id = s.repository WHERE s.account = ?1 AND s.org = ?2 AND s.project = ?3
                AND s.pipeline = ?4 AND s.build = ?5 AND (?6 = '' OR s.stage = ?6) AND (?7 = '' OR s.step = ?7) ORDER BY s.created_at DESC LIMIT 1
            """, step.Project.Account, step.Project.Org, step.Project.Project, step.Pipeline, step.Build, step.Stage, step.Step), aborted);
        if (asked.Count == 0)
            return TiAnswer.Error(StatusCodes.Status404NotFound, "No step of this build has asked which tests to run.");
        var (repository, source, target) = asked[0];
        if ((graphs.Find(repository, source) ?? graphs.Find(repository, target)) is not { } found)
            return TiAnswer.Error(StatusCodes.Status404NotFound, $"There is no call graph of the branch {TiQuery.Bounded(target)} yet.");
        var units = className.Length == 0 ? MostReached(found.Graph) : Called(found.Graph, className);
        return units.Count == 0 && className.Length > 0
            ? TiAnswer.Error(StatusCodes.Status404NotFound, $"The call graph has no class {TiQuery.Bounded(className)}.")
            : TiAnswer.LongJson(new Drawing(found.Graph, most).Of(units, areRoots: className.Length > 0), TiJson.Default.CallGraphView);
    }

    private static List<int> MostReached(CallGraph graph) => [.. Enumerable.Range(0, graph.Units.Count).Where(unit => graph.ReachedBy(unit).Length > 0)
        .OrderByDescending(unit => graph.ReachedBy(unit).Length).Take(MostNodes)];

    /// <summary>With its package, or without.</summary>
    private static List<int> Called(CallGraph graph, string className) => [.. Enumerable.Range(0, graph.Units.Count).Where(unit =>
    {
        var (_, package, name) = graph.Units[unit];
        return name == className || (package.Length > 0 && className.Length == package.Length + 1 + name.Length
            && className.StartsWith(package, StringComparison.Ordinal) && className[package.Length] == '.' && className.EndsWith(name, StringComparison.Ordinal));
    }).Take(MostNodes)];

    /// <summary>One picture, with at most so many nodes.</summary>
    private sealed class Drawing(CallGraph graph, int most)
    {
        private readonly Dictionary<int, int> _nodeOfUnit = [];
        private readonly List<CallGraphNode> _nodes = [];
        private readonly Dictionary<int, SortedSet<int>> _edges = [];

        public CallGraphView Of(IEnumerable<int> units, bool areRoots)
        {
            foreach (var unit in units)
            {
                if (NodeOf(unit, areRoots) is null)
                    break;
                foreach (var test in graph.ReachedBy(unit))
                    Connect(unit, graph.Tests[test].Unit);
                // A test class that was asked for: what its tests reach.
                foreach (var test in areRoots ? graph.WrittenIn(unit) : [])
                {
                    foreach (var reached in graph.Tests[test].Reaches)
                        Connect(reached, unit);
                }
            }
            return new CallGraphView(_nodes, [.. _edges.OrderBy(edge => edge.Key).Select(edge => new CallGraphEdge(edge.Key, [.. edge.Value]))]);
        }

        private void Connect(int source, int testUnit)
        {
            if (source == testUnit || NodeOf(source, isRoot: false) is not { } from || NodeOf(testUnit, isRoot: false) is not { } to)
                return;
            if (!_edges.TryGetValue(from, out var tests))
                _edges[from] = tests = [];
            tests.Add(to);
        }

        /// <summary>Null when the picture is full.</summary>
        private int? NodeOf(int unit, bool isRoot)
        {
            if (_nodeOfUnit.TryGetValue(unit, out var known))
                return known;
            if (_nodes.Count >= most)
                return null;
            var (file, package, name) = graph.Units[unit];
            _nodeOfUnit[unit] = _nodes.Count;
            _nodes.Add(new CallGraphNode(_nodes.Count, isRoot, graph.ReachedBy(unit).Length > 0 || !graph.WrittenIn(unit).IsEmpty, package, name, file, graph.WrittenIn(unit).IsEmpty ? "source" : "test"));
            return _nodes.Count - 1;
        }
    }
}
