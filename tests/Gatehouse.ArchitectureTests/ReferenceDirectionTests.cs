using System.Xml.Linq;
using Gatehouse.Testing;

namespace Gatehouse.ArchitectureTests;

/// <summary>
/// Reads the project files. Roles never reference each other: they meet over Contracts, so that a role can run in a process of its own.
/// Contracts and Pki reference nothing: they ship to other people's machines and judge trust without any machinery around them.
/// </summary>
public sealed class ReferenceDirectionTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Contracts"] = [],
        ["Pki"] = [],
        ["Sockets"] = [],
        ["Tls"] = ["Sockets"],
        ["Client"] = ["Contracts", "Pki"],
        ["Gateway"] = ["Contracts", "Pki", "Sockets", "Tls"],
        ["Manager"] = ["Contracts", "Pki"],
        ["LogService"] = ["Contracts"],
        ["TestIntelligence"] = ["Contracts"],
        ["Server"] = ["Gateway", "Manager", "LogService", "TestIntelligence", "Client", "Contracts", "Pki", "Sockets"],
        ["Delegate"] = ["Client", "Contracts", "Pki"],
        ["Manifests"] = ["Contracts"],
        ["Upgrader"] = ["Client", "Contracts", "Manifests"],
        ["Cli"] = ["Client", "Contracts", "Manifests", "Pki"],
    };

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Path.Combine(SourceTree.Root, "src")).Select(d => Path.GetFileName(d)!).Order()];

    [Theory, MemberData(nameof(Projects))]
    public void Project_references_only_what_its_place_allows(string project)
    {
        var name = project.Replace("Gatehouse.", "", StringComparison.Ordinal);
        Assert.True(s_allowed.TryGetValue(name, out var allowed), $"{project} is new: say in this test what it may reference, and why in docs/adr.");
        var referenced = Items(project, "ProjectReference").Select(i => Path.GetFileNameWithoutExtension(i).Replace("Gatehouse.", "", StringComparison.Ordinal));
        var forbidden = referenced.Except(allowed).ToList();
        Assert.True(forbidden.Count == 0, $"{name} must not reference {string.Join(", ", forbidden)}: references point one way (docs/design/architecture.md).");
    }

    [Theory, InlineData("Contracts"), InlineData("Pki"), InlineData("Client"), InlineData("Delegate"), InlineData("Upgrader")]
    public void What_ships_to_other_machines_is_small(string name)
    {
        Assert.Empty(Items($"Gatehouse.{name}", "FrameworkReference"));
        // Interfaces for logging, without an implementation, are the one thing it may bring.
        Assert.Empty(Items($"Gatehouse.{name}", "PackageReference").Except(["Microsoft.Extensions.Logging.Abstractions"]));
        Assert.Contains("<IsAotCompatible>true</IsAotCompatible>", File.ReadAllText(ProjectFile($"Gatehouse.{name}")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(SourceTree.Root, "Gatehouse.slnx"));
        var missing = new[] { "src", "tests", "benchmarks" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(SourceTree.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/'))
            .Where(file => !solution.Contains(file, StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    private static string ProjectFile(string project) => Path.Combine(SourceTree.Root, "src", project, project + ".csproj");

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(ProjectFile(project)).Descendants(kind).Select(e => e.Attribute("Include")!.Value);
}
