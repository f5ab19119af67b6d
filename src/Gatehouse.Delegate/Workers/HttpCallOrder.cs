using System.Text.Json.Serialization;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary>What the delegate tells its worker on stdin, so that nothing of it shows in a process list.</summary>
/// <param name="Call">The call.</param>
/// <param name="RootsPem">Extra server roots, as they count now.</param>
/// <param name="CaBundleDirectory">Where they were read from, for sentences.</param>
/// <param name="Proxy">The way out, with its password.</param>
/// <param name="Bypass">Whom to reach directly.</param>
internal sealed record HttpCallOrder(HttpCallTask Call, string RootsPem, string CaBundleDirectory, string? Proxy, string? Bypass);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, MaxDepth = Limits.MaxJsonDepth)]
[JsonSerializable(typeof(HttpCallOrder))]
internal sealed partial class WorkerJson : JsonSerializerContext;
