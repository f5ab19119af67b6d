using System.Text.Json;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Connecting;

/// <summary><c>server.json</c>, which a running server writes into its data directory.</summary>
internal sealed record ServerFile
{
    public int Pid { get; init; }
    public int AgentPort { get; init; }
    public string? OperatorUrl { get; init; }
    public string? OperatorKeyFile { get; init; }
    public string? ServerCaPath { get; init; }
    public string? AgentDomain { get; init; }

    /// <summary>Null when there is none, or when it is being written.</summary>
    public static ServerFile? TryRead(string dataDirectory)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(dataDirectory, "server.json")), CliJson.Default.ServerFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
