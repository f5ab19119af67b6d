using System.Security.Cryptography;

namespace Gatehouse.Server.Hosting;

/// <summary>A secret of a service in this process: the configured one, else one that is made on first start and kept beside the database.</summary>
internal static class ServiceSecret
{
    /// <summary>The secret.</summary>
    /// <param name="configured">From the configuration; null: a kept one.</param>
    /// <param name="dataDirectory">Where it is kept, in the file <c>SERVICE.KIND</c>, mode 0600.</param>
    /// <param name="service">Name of the role.</param>
    /// <param name="kind">What it is for: <c>secret</c> signs tokens.</param>
    /// <exception cref="StartException">The file cannot be used.</exception>
    public static string Of(string? configured, string dataDirectory, string service, string kind = "secret")
    {
        if (configured is not null)
            return configured;
        var path = Path.Combine(dataDirectory, $"{service}.{kind}");
        try
        {
            if (!File.Exists(path))
                DataDirectory.WriteFile(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n");
            return File.ReadAllText(path).Trim() is { Length: >= 32 } secret
                ? secret
                : throw new StartException($"The secret file {path} holds fewer than 32 characters. Delete it to have a new one made.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The secret file {path} cannot be used: {e.Message}");
        }
    }
}
