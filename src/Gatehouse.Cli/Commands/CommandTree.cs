using System.CommandLine;
using System.CommandLine.Help;
using Gatehouse.Cli.Demo;
using Gatehouse.Cli.Doctor;
using Gatehouse.Cli.SelfTest;

namespace Gatehouse.Cli.Commands;

/// <summary>The table of contents of the command line.</summary>
internal static class CommandTree
{
    /// <summary>The tree. Not a <see cref="RootCommand"/>: that one is called as the assembly is.</summary>
    public static Command Build() => new("gatehouse", "Gatehouse: agent gateway and control plane with per-account mutual TLS.")
    {
        new HelpOption(), new VersionOption(), SharedOptions.Server, SharedOptions.ApiKey, SharedOptions.ApiKeyFile, SharedOptions.Data, SharedOptions.Output, SharedOptions.Verbose,
        Program("serve", "Run the server: gateway, manager and operator API in one process"),
        Program("config", "Show the server's configuration that is in force (config show --sources)"),
        Program("delegate", "Run a delegate, configured by environment (delegate run)"),
        Program("upgrader", "Run an upgrader once, as a CronJob does (upgrader run)"),
        AccountCommands.Build(),
        TokenCommands.Build(),
        MtlsCommands.Build(),
        DelegateCommands.Build(),
        RefusalCommands.Build(),
        TaskCommands.Build(),
        LogCommands.Build(),
        TestCommands.Build(),
        FlagCommands.Build(),
        AuditCommands.Build(),
        CertificateCommands.Build(),
        ManifestCommands.Build(),
        HelmCommands.Build(),
        DockerCommands.Build(),
        DoctorCommand.Build(),
        SelfTestCommand.Build(),
        DemoCommand.Build(),
    };

    /// <summary>How a person calls the command, for example <c>gatehouse mtls enable</c>.</summary>
    public static string NameOf(Command command)
    {
        var names = new Stack<string>();
        for (Symbol? symbol = command; symbol is not null; symbol = symbol.Parents.FirstOrDefault())
        {
            names.Push(symbol.Name);
        }

        return string.Join(' ', names);
    }

    /// <summary>A command of another program, listed here so that the help shows the whole product; <see cref="Processes.SiblingProgram"/> runs it.</summary>
    private static Command Program(string name, string description) => new(name, description) { TreatUnmatchedTokensAsErrors = false };
}
