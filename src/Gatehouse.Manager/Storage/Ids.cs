using System.Security.Cryptography;

namespace Gatehouse.Manager.Storage;

/// <summary>New identifiers.</summary>
internal static class Ids
{
    /// <summary>32 hex digits that nobody can guess.</summary>
    public static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>32 hex digits that begin with the time, so that rows of one day lie together.</summary>
    public static string Ordered(DateTimeOffset now) => Guid.CreateVersion7(now).ToString("N");
}
