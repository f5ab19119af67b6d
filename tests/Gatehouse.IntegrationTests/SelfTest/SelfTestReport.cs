using System.Text.Json;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.SelfTest;

/// <summary>A run of <c>gatehouse selftest --output json</c>, read.</summary>
internal sealed record SelfTestReport(CommandResult Command, IReadOnlyList<SelfTestReport.Row> Rows)
{
    internal sealed record Row(string Threat, string Sent, string Received, string Result);

    public IEnumerable<Row> Failed => Rows.Where(row => row.Result == "fail");

    public IEnumerable<Row> NotTested => Rows.Where(row => row.Result == "not tested");

    public static async Task<SelfTestReport> RunAsync(params string[] arguments)
    {
        var result = await CommandLine.RunAsync("dotnet", [ProgramFiles.Cli, "selftest", "--output", "json", .. arguments], input: "", limit: TimeSpan.FromMinutes(3));
        Assert.True(result.Output.StartsWith('{'), result.All);
        using var document = JsonDocument.Parse(result.Output);
        var rows = document.RootElement.GetProperty("checks").EnumerateArray()
            .Select(row => new Row(Text(row, "threat"), Text(row, "sent"), Text(row, "received"), Text(row, "result"))).ToList();
        foreach (var (name, value) in new[] { ("passed", "pass"), ("failed", "fail"), ("notTested", "not tested") })
            Assert.Equal(rows.Count(row => row.Result == value), document.RootElement.GetProperty(name).GetInt32());
        Assert.Equal(rows.Exists(row => row.Result == "fail") ? 1 : 0, result.ExitCode);
        return new SelfTestReport(result, rows);
    }

    /// <summary>The one check whose text begins so.</summary>
    public Row Of(string threat, string sent) =>
        Assert.Single(Rows, row => row.Threat == threat && row.Sent.StartsWith(sent, StringComparison.Ordinal));

    /// <summary>Insists that a check failed, and on this answer: a failure for another reason proves nothing.</summary>
    public void MustFail(string threat, string sent, string received)
    {
        var row = Of(threat, sent);
        Assert.True(row.Result == "fail" && row.Received.Contains(received, StringComparison.Ordinal), $"{row}, expected to fail with '{received}'");
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
