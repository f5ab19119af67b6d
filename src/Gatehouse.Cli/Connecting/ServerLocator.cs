using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Connecting;

/// <summary>Finds the server and its key: option, then environment, then the data directory of a server on this machine, then the default address.</summary>
internal static class ServerLocator
{
    private const string DefaultServer = "http://127.0.0.1:8080";

    /// <summary>A key is one short line; a larger file is something else.</summary>
    private const int MaxKeyBytes = 4096;

    /// <param name="server"><c>--server</c>.</param>
    /// <param name="apiKey"><c>--api-key</c>.</param>
    /// <param name="apiKeyFile"><c>--api-key-file</c>.</param>
    /// <param name="data"><c>--data</c>.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="CliException">Something given cannot be used, or there is no key.</exception>
    public static ServerTarget Locate(string? server, string? apiKey, string? apiKeyFile, string? data, Func<string, string?> environment)
    {
        var warnings = new List<string>();
        var namedDirectory = data ?? NullIfEmpty(environment("GATEHOUSE_DATA"));
        if (namedDirectory is not null && !Directory.Exists(namedDirectory))
        {
            throw CliException.BadInput($"The data directory '{namedDirectory}' does not exist. Name the one that 'gatehouse serve' prints with --data or GATEHOUSE_DATA.");
        }

        var directory = namedDirectory ?? "gatehouse-data";
        var file = ServerFile.TryRead(directory);
        var named = server ?? NullIfEmpty(environment("GATEHOUSE_SERVER"));
        var address = ParseAddress(named ?? file?.OperatorUrl ?? DefaultServer);
        if (address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            warnings.Add($"Warning: the API key goes to {address} unencrypted. Use https, or a tunnel to the server's loopback address.");
        }

        // The key of a server on this machine is never offered to one elsewhere, unless the person named the directory it is in.
        var mayUseDirectory = named is null || address.IsLoopback || namedDirectory is not null;
        return new ServerTarget(address, FindKey(apiKey, apiKeyFile, environment, mayUseDirectory ? directory : null, file, address, warnings), warnings);
    }

    private static string FindKey(
        string? apiKey, string? apiKeyFile, Func<string, string?> environment, string? directory, ServerFile? file, Uri address, List<string> warnings)
    {
        if (apiKey is not null)
        {
            warnings.Add("Warning: others on this machine can see --api-key in process lists. Use --api-key-file or GATEHOUSE_API_KEY instead.");
            return Check(apiKey, "--api-key");
        }

        if (apiKeyFile is not null)
        {
            return Check(ReadKey(apiKeyFile), apiKeyFile);
        }

        if (NullIfEmpty(environment("GATEHOUSE_API_KEY")) is { } fromEnvironment)
        {
            return Check(fromEnvironment, "GATEHOUSE_API_KEY");
        }

        if (directory is null)
        {
            throw CliException.BadInput($"No API key for {address}. Give one with --api-key-file or GATEHOUSE_API_KEY; the key of the server on this machine is not sent elsewhere.");
        }

        var bootstrap = file?.OperatorKeyFile ?? Path.Combine(directory, "operator.key");
        return File.Exists(bootstrap)
            ? Check(ReadKey(bootstrap), bootstrap)
            : throw CliException.BadInput($"No API key: '{bootstrap}' does not exist. Give one with --api-key-file or GATEHOUSE_API_KEY, or name the server's data directory with --data.");
    }

    private static string ReadKey(string path)
    {
        try
        {
            return new FileInfo(path).Length > MaxKeyBytes
                ? throw CliException.BadInput($"'{path}' is too large for an API key. Name the file that holds the key and nothing else.")
                : File.ReadAllText(path).Trim();
        }
        catch (FileNotFoundException e)
        {
            throw CliException.BadInput($"The API key file '{path}' does not exist. 'gatehouse serve' prints where the first one is.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.BadInput($"The API key file '{path}' cannot be read: {Safe.Line(e.Message)} Run as the user of the server, or give a key with GATEHOUSE_API_KEY.", e);
        }
    }

    /// <summary>A key travels in a header: one that cannot is told here, without showing it.</summary>
    private static string Check(string key, string source) =>
        key.Length > 0 && key.All(c => c is > ' ' and <= '~')
            ? key
            : throw CliException.BadInput($"The API key from {source} is empty or holds characters that no key has. Give the one line that 'operator.key' holds.");

    private static Uri ParseAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw CliException.BadInput($"'{text}' is not an address of a server. Write it like {DefaultServer}.");

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
