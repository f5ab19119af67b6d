using System.Text.Json.Serialization;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate;

/// <summary>What the delegate tells its test workers on stdin, so that nothing of it shows in a process list.</summary>
internal sealed record TestOrder
{
    /// <summary>The task; only what the workers need of it.</summary>
    public required RunTestsTask Task { get; init; }

    /// <summary>The TI service.</summary>
    public required Uri Service { get; init; }

    public required string AccountId { get; init; }

    /// <summary>Secret.</summary>
    public required string Token { get; init; }

    /// <summary>The client certificate with its intermediates, as it is in use now; null for none.</summary>
    public string? CertificatePem { get; init; }

    /// <summary>Its key. Secret.</summary>
    public string? KeyPem { get; init; }

    /// <summary>Extra server roots.</summary>
    public required string RootsPem { get; init; }

    /// <summary>Where they were read from, for sentences.</summary>
    public required string CaBundleDirectory { get; init; }

    /// <summary>The way out, with its password.</summary>
    public string? Proxy { get; init; }

    public string? Bypass { get; init; }

    /// <summary>Where the tests are.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the files about the selection go.</summary>
    public required string SelectionFolder { get; init; }

    /// <summary>When the command was started; what is older was not written by it.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>How the command ended.</summary>
    public int ExitCode { get; init; }

    public long ElapsedMs { get; init; }

    /// <summary>What must not be in what is uploaded.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];
}

/// <summary>What came of asking which tests to run.</summary>
/// <param name="ToRun">What to run.</param>
/// <param name="Variables">For the command's environment.</param>
/// <param name="Note">A sentence for the task's output; null for none.</param>
internal sealed record SelectionAnswer(TestsToRun ToRun, IReadOnlyDictionary<string, string> Variables, string? Note = null);

/// <summary>What came of the reports.</summary>
/// <param name="Report">What they say; null when there is none.</param>
/// <param name="ReportUploaded">The TI service has them.</param>
/// <param name="CallGraphUploaded">It has the call graph.</param>
/// <param name="Sentences">For the task's output.</param>
internal sealed record ReportAnswer(ReportSummary? Report, bool ReportUploaded, bool CallGraphUploaded, IReadOnlyList<string> Sentences);

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, MaxDepth = Limits.MaxJsonDepth)]
[JsonSerializable(typeof(TestOrder))]
[JsonSerializable(typeof(SelectionAnswer))]
[JsonSerializable(typeof(ReportAnswer))]
internal sealed partial class TestRunJson : JsonSerializerContext;
