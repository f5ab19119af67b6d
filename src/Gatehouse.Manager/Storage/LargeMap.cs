using System.Collections.Concurrent;

namespace Gatehouse.Manager.Storage;

/// <summary>What is kept in memory for each of up to a hundred thousand accounts.</summary>
internal static class LargeMap
{
    /// <summary>An empty map with room for what is stored and half as much again: one that grows makes all its nodes anew each time it doubles.</summary>
    /// <param name="stored">Entries that it will get at once.</param>
    public static ConcurrentDictionary<string, T> For<T>(int stored) => new(concurrencyLevel: -1, stored + (stored / 2), StringComparer.Ordinal);
}
