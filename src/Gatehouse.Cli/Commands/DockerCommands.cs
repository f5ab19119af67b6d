using System.CommandLine;
using Gatehouse.Cli.Manifests;
using Gatehouse.Manifests;
using Gatehouse.Manifests.Delegates;

namespace Gatehouse.Cli.Commands;

internal static class DockerCommands
{
    public static Command Build() => new("docker", "A delegate with mutual TLS in Docker")
    {
        Build("command", "Print the docker run command of a delegate with mutual TLS", setup => setup.Command(), _ => []),
        Build("compose", "Print a compose file of a delegate with mutual TLS", setup => setup.Compose(), setup => [setup.ComposeUp()]),
    };

    private static Command Build(string name, string description, Func<DockerSetup, Rendered> render, Func<DockerSetup, IReadOnlyList<string>> next)
    {
        var folder = new Option<string?>("--certs") { Description = "Folder with certificate and key. It is mounted whole, so that a renewed pair gets in: keep nothing else in it", HelpName = "DIR" };
        var token = new Option<string?>("--token-file") { Description = "File with the delegate token; it is read when the command runs", HelpName = "FILE" };
        var serverCa = new Option<string?>("--server-ca-dir") { Description = "Folder with roots of the server's certificate, where the system's do not do", HelpName = "DIR" };
        var cpus = new Option<string>("--cpus") { Description = "Processors", HelpName = "N", DefaultValueFactory = _ => "1" };
        var memory = new Option<string>("--memory") { Description = "Memory", HelpName = "SIZE", DefaultValueFactory = _ => "2g" };
        var user = new Option<string>("--user") { Description = "User in the container, who must be able to read the key", HelpName = "USER", DefaultValueFactory = _ => "root" };
        var options = new DelegateSetupOptions(
            "docker-delegate", "--token-file", "add '-e PROXY_PASSWORD' to the command, or 'PROXY_PASSWORD: ${PROXY_PASSWORD}' to the compose file, which take it from the environment");
        var command = new Command(name, description);
        options.AddTo(command);
        foreach (var option in (Option[])[folder, token, serverCa, cpus, memory, user])
        {
            command.Add(option);
        }

        command.Runs((call, _) =>
        {
            try
            {
                var setup = new DockerSetup
                {
                    Delegate = options.Read(call),
                    Folder = Full(call.Get(folder)),
                    TokenFile = Full(call.Get(token)),
                    ServerCaFolder = Full(call.Get(serverCa)),
                    Cpus = call.Get(cpus),
                    Memory = call.Get(memory),
                    User = call.Get(user),
                };
                PairFolder.Check(call, setup);
                DelegateSetupOptions.Print(call, render(setup), next(setup));
                return Task.CompletedTask;
            }
            catch (ManifestException e)
            {
                throw e.IsRefusal ? CliException.Failed(e.Message, e) : CliException.BadInput(e.Message, e);
            }
        });
        return command;
    }

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
