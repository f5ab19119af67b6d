using System.CommandLine;
using System.Net.Sockets;
using Gatehouse.Gateway;
using Gatehouse.Server.Certificates;
using Gatehouse.Server.Configuration;
using Gatehouse.Server.Hosting;
using Gatehouse.Tls;
using Microsoft.AspNetCore.Connections;

namespace Gatehouse.Server;

/// <summary>The program: <c>serve</c> and <c>config show</c>.</summary>
internal static class ServerProgram
{
    private const int Failed = 1;
    private const int WrongUse = 2;

    public static Task<int> RunAsync(string[] args)
    {
        var file = new Option<string?>("--config") { Description = "Configuration file; ./gatehouse.yaml is read when it exists.", HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "Data directory.", HelpName = "DIR" };
        var roles = new Option<string?>("--roles") { Description = "Roles of this process, separated by commas.", HelpName = "LIST" };
        var sources = new Option<bool>("--sources") { Description = "Also say where each value comes from." };
        var output = new Option<string?>("--output") { Description = "'json' for programs.", HelpName = "FORMAT" };

        var serve = new Command("serve", "Starts the server.") { file, data, roles };
        serve.SetAction((result, cancellation) => ServeAsync(() => Read(result.GetValue(file), result.GetValue(data), result.GetValue(roles)), cancellation));
        var show = new Command("show", "Prints what is in force, secrets masked.") { file, data, roles, sources, output };
        show.SetAction(result => ConfigShow.Run(() => Read(result.GetValue(file), result.GetValue(data), result.GetValue(roles)), result.GetValue(sources), result.GetValue(output)));
        var root = new RootCommand("Gatehouse server.") { serve, new Command("config", "The configuration.") { show } };
        var parsed = root.Parse(args);
        return parsed.Errors.Count > 0 ? WrongUseAsync(parsed.Errors[0].Message) : parsed.InvokeAsync();
    }

    private static IReadOnlyList<ConfiguredValue> Read(string? file, string? data, string? roles)
    {
        var reader = new ConfigurationReader();
        if (file is not null)
            reader.AddFile(file);
        else if (File.Exists("gatehouse.yaml"))
            reader.AddFile("gatehouse.yaml");
        return reader.AddEnvironment(Environment.GetEnvironmentVariables()).AddFlag("dataDirectory", data, "--data").AddFlag("roles", roles, "--roles").Values();
    }

    private static async Task<int> ServeAsync(Func<IReadOnlyList<ConfiguredValue>> read, CancellationToken cancellation)
    {
        try
        {
            var configuration = new ServerConfigurationParser(read()).Parse();
            // Before anything is made or opened: all of it needs OpenSSL.
            if (TlsEngines.Problem(configuration.TlsEngine) is { } problem)
                throw new TlsEngineException(problem);
            using var directory = DataDirectory.Open(configuration.DataDirectory);
            await ServeAsync(configuration, cancellation);
            return 0;
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return WrongUse;
        }
        catch (Exception e) when (e is StartException or GatewayStartException or TlsEngineException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failed;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException or SocketException)
        {
            await Console.Error.WriteLineAsync($"A listener cannot be opened: {e.Message} Stop what uses the address, or set agent.listen and operator.listen.");
            return Failed;
        }
        catch (SocketException e)
        {
            await Console.Error.WriteLineAsync($"A listener cannot be opened: {e.Message}. Check agent.listen and operator.listen.");
            return Failed;
        }
    }

    private static async Task ServeAsync(ServerConfiguration configuration, CancellationToken cancellation)
    {
        var generated = configuration.CertificatePath is null
            ? DevelopmentCertificates.Ensure(configuration.DataDirectory, configuration.AgentDomain, configuration.SharedHosts, TimeProvider.System.GetUtcNow())
            : null;
        ServerEndpoints? endpoints = null;
        using var host = ServerHost.Build(
            configuration, generated?.Certificate ?? configuration.CertificatePath!, generated?.Key ?? configuration.CertificateKeyPath!, e => endpoints = e);
        await host.StartAsync(cancellation);
        endpoints!.ServerCaPath = generated?.Root;
        endpoints.WriteFile();
        Banner.Print(Console.Out, configuration, endpoints);
        await host.WaitForShutdownAsync(cancellation);
    }

    private static async Task<int> WrongUseAsync(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return WrongUse;
    }
}
