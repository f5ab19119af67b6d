using System.Text.Json;

namespace Gatehouse.Contracts.Protocol;

#pragma warning disable CS1591 // Wire fields: see the sheet's table.
/// <summary>Body of the task response (sheet §6.4): <c>code</c> is <c>OK</c>, <c>FAILED</c> or <c>RETRY_ON_OTHER_DELEGATE</c>.</summary>
public sealed record DelegateTaskResponse
{
    public string? Id { get; init; }
    public string? Type { get; init; }
    public required string Code { get; init; }
    public JsonElement? Data { get; init; }
}

/// <summary>Body of the newer runner response: <c>data</c> is base64 of JSON; <c>code</c> is <c>UNKNOWN</c>, <c>OK</c>, <c>FAILED</c> or <c>TIMEOUT</c>.</summary>
public sealed record RunnerResponse
{
    public string? Id { get; init; }
    public string? Type { get; init; }
    public required string Code { get; init; }
    public string? Error { get; init; }
    public byte[]? Data { get; init; }
}

/// <summary>Answer to a chunk of output: where the next one must start. Lower than what was sent: re-send from there.</summary>
/// <param name="NextOffset">Byte position in the task's output.</param>
/// <param name="Truncated">True when the limit was reached; what follows is dropped.</param>
public sealed record TaskOutputReceipt(long NextOffset, bool Truncated);
