using System.Text;
using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.TestIntelligence.Selection;

namespace Gatehouse.TestIntelligence.Tests.Selection;

public sealed class SelectionWriterTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("because <of> \"this\"")]
    public async Task It_writes_what_the_serializer_would(string? reason)
    {
        var tests = Enumerable.Range(0, 2000).Select(i => new SelectedTest(new TestName("com.shöp", $"<T{i}>", i % 3 == 0 ? "" : "m\n", ""), (Reason)(i % 5))).ToList();
        var answer = new SelectTestsResponse { TotalTests = 5, SelectedTests = 4, NewTests = 3, UpdatedTests = 2, SrcCodeTests = 1, PreviousFailures = 6, SelectAll = reason is not null, Reason = reason, Tests = new RunnableTests(tests) };
        using var stream = new MemoryStream();
        await using (var json = new Utf8JsonWriter(stream))
            await SelectionWriter.WriteAsync(json, answer, CancellationToken.None);
        Assert.Equal(JsonSerializer.Serialize(answer, TiJson.Default.SelectTestsResponse), Encoding.UTF8.GetString(stream.ToArray()));
    }
}
