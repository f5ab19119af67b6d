using Gatehouse.TestIntelligence.Protocol;

namespace Gatehouse.TestIntelligence.Reports;

/// <summary>Which report: what a step, or all steps of a stage or a build, wrote under one name, for example <c>junit</c>.</summary>
internal sealed record ReportKey(StepKey Step, string Name);

/// <summary>What a report belongs to.</summary>
/// <param name="Repository">Its repository; an empty address for a build without one.</param>
/// <param name="Sha">The commit; may be empty.</param>
/// <param name="CommitLink">The commit's page; may be empty.</param>
internal sealed record ReportOrigin(RepositoryKey Repository, string Sha, string CommitLink);
