using System.Text.Json;
using System.Text.Json.Serialization;
using Gatehouse.Manager.Delegates;

namespace Gatehouse.Manager.Storage;

/// <summary>What the manager keeps as JSON in its own tables.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DelegateFacts))]
[JsonSerializable(typeof(DelegateOrigin))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ManagerJson : JsonSerializerContext;
