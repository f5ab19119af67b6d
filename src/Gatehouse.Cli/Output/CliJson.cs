using System.Text.Json;
using System.Text.Json.Serialization;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Connecting;
using Gatehouse.Cli.Manifests;
using Gatehouse.Cli.Doctor;
using Gatehouse.Cli.SelfTest;
using Gatehouse.Contracts;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Cli.Output;

/// <summary>JSON of what only the command line reads or prints; the wire's own types are in <see cref="ContractsJson"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ServerFile))]
[JsonSerializable(typeof(List<AccountView>))]
[JsonSerializable(typeof(IssuedFiles))]
[JsonSerializable(typeof(InspectedFile))]
[JsonSerializable(typeof(ClientVerdict))]
[JsonSerializable(typeof(LintedFile))]
[JsonSerializable(typeof(BundleListing))]
[JsonSerializable(typeof(WrittenFiles))]
[JsonSerializable(typeof(SelfTestReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(ChangedManifest))]
[JsonSerializable(typeof(RenderedSetup))]
[JsonSerializable(typeof(List<ManifestFinding>))]
[JsonSerializable(typeof(Dictionary<string, bool>))]
internal sealed partial class CliJson : JsonSerializerContext;
