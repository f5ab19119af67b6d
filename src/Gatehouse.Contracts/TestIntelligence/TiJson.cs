using System.Text.Json.Serialization;

namespace Gatehouse.Contracts.TestIntelligence;

/// <summary>JSON of the TI service's reports and selection: snake_case as on the wire, unknown fields passed over. Source-generated, so it is safe to trim.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, PropertyNameCaseInsensitive = true, MaxDepth = Limits.MaxJsonDepth,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(TestCase))]
[JsonSerializable(typeof(IReadOnlyList<TestCase>))]
[JsonSerializable(typeof(TestCases))]
[JsonSerializable(typeof(TestSuites))]
[JsonSerializable(typeof(ReportSummary))]
[JsonSerializable(typeof(IReadOnlyList<StepInfo>))]
[JsonSerializable(typeof(SelectTestsRequest))]
[JsonSerializable(typeof(MlSelectTestsRequest))]
[JsonSerializable(typeof(SelectTestsResponse))]
[JsonSerializable(typeof(CommitInfo))]
[JsonSerializable(typeof(GetTestTimesRequest))]
[JsonSerializable(typeof(GetTestTimesResponse))]
[JsonSerializable(typeof(SelectionOverview))]
[JsonSerializable(typeof(IReadOnlyList<DownloadLink>))]
[JsonSerializable(typeof(QuarantinedTests))]
[JsonSerializable(typeof(CallGraphView))]
[JsonSerializable(typeof(SavingDetail))]
[JsonSerializable(typeof(IntegrationTestGraph))]
[JsonSerializable(typeof(SelectIntegrationTests))]
[JsonSerializable(typeof(TiError))]
public sealed partial class TiJson : JsonSerializerContext;
