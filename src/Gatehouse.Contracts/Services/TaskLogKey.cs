namespace Gatehouse.Contracts;

/// <summary>Under which key a task's output is in the log service: what the delegate writes to and operators read from (log and TI sheet §3).</summary>
public static class TaskLogKey
{
    /// <summary>The key of a task that this server handed out.</summary>
    public static string Of(string accountId, string taskId) => $"accountId:{accountId}/taskId:{taskId}";

    /// <summary>The key that a package's abstractions make: its entries in their order, <c>name:value</c> joined by <c>/</c>; null without any. Addresses are no part of it.</summary>
    public static string? Of(IReadOnlyDictionary<string, string>? abstractions) =>
        abstractions is null or { Count: 0 } ? null : string.Join('/', abstractions.Where(entry => !entry.Key.EndsWith("ServiceUrl", StringComparison.Ordinal)).Select(entry => $"{entry.Key}:{entry.Value}"));
}
