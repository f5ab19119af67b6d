using System.Net;
using System.Reflection;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Server.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gatehouse.Server.Hosting;

/// <summary>Where the running server can be reached, with the ports actually in use, and the file that tells other programs.</summary>
internal sealed class ServerEndpoints(IServer server, ServerConfiguration configuration, TimeProvider time)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public string? ServerCaPath { get; set; }

    /// <summary>The agent listener's address; Kestrel lists addresses in the order they were configured.</summary>
    public IPEndPoint Agent => Bound(0, configuration.AgentListen);

    /// <summary>The operator listener's address.</summary>
    public IPEndPoint Operator => Bound(1, configuration.OperatorListen);

    public string OperatorUrl => $"http://{(Operator.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, Operator.Port) : Operator)}";

    public static string Version => Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public ServerView View() => new()
    {
        Version = Version,
        AgentDomain = configuration.AgentDomain,
        AgentListen = Agent.ToString(),
        AgentPort = Agent.Port,
        AgentSharedHosts = configuration.SharedHosts,
        ServerCaPath = ServerCaPath,
        ServerCaPem = ServerCaPath is null ? null : File.ReadAllText(ServerCaPath),
        StartedAt = _startedAt,
    };

    /// <summary>Writes <c>server.json</c> into the data directory.</summary>
    public void WriteFile() => DataDirectory.WriteFile(Path.Combine(configuration.DataDirectory, "server.json"), JsonSerializer.Serialize(new
    {
        pid = Environment.ProcessId,
        agentPort = Agent.Port,
        agentDomain = configuration.AgentDomain,
        sharedHosts = configuration.SharedHosts,
        operatorUrl = OperatorUrl,
        operatorKeyFile = configuration.OperatorKeyFile,
        serverCaPath = ServerCaPath,
    }, s_json) + "\n");

    private IPEndPoint Bound(int index, IPEndPoint configured)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.ToArray() ?? [];
        var port = index < addresses.Length && Uri.TryCreate(addresses[index].Replace("[::]", "[::1]", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            ? uri.Port
            : configured.Port;
        return new IPEndPoint(configured.Address, port);
    }
}
