using System.CommandLine;

namespace Gatehouse.Cli;

/// <summary>Options that more than one command takes.</summary>
internal static class SharedOptions
{
    public static readonly Option<string?> Server = new("--server")
    {
        Description = "Operator address of the server; default GATEHOUSE_SERVER, then what server.json in the data directory says, then http://127.0.0.1:8080",
        HelpName = "URL",
        Recursive = true,
    };

    public static readonly Option<string?> ApiKey = new("--api-key")
    {
        Description = "Operator API key; others on this machine can see it in process lists, so prefer --api-key-file or GATEHOUSE_API_KEY",
        HelpName = "KEY",
        Recursive = true,
    };

    public static readonly Option<string?> ApiKeyFile = new("--api-key-file")
    {
        Description = "File that holds the operator API key; default the bootstrap key in the data directory",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string?> Data = new("--data")
    {
        Description = "The server's data directory, to find it and its key; default GATEHOUSE_DATA, then ./gatehouse-data",
        HelpName = "DIR",
        Recursive = true,
    };

    public static readonly Option<string> Output = new Option<string>("--output")
    {
        Description = "table, or json on stdout for scripts",
        HelpName = "table|json",
        DefaultValueFactory = _ => "table",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show the cause of a failure in full",
        Recursive = true,
    };

    static SharedOptions() => Output.AcceptOnlyFromAmong("table", "json");

    /// <summary>The account a command is about.</summary>
    public static Option<string> Account()
    {
        var option = new Option<string>("--account") { Description = "The account", HelpName = "ID", Required = true };
        option.Validators.Add(result => RejectUnusableName(result.Tokens, result.AddError));
        return option;
    }

    /// <summary>An account that is the whole of a command's subject: <c>account show ID</c>.</summary>
    public static Argument<string> AccountArgument(string description)
    {
        var argument = new Argument<string>("ID") { Description = description };
        argument.Validators.Add(result => RejectUnusableName(result.Tokens, result.AddError));
        return argument;
    }

    /// <summary>Refuses what cannot be a name in a path, before a request is made of it.</summary>
    public static void RejectUnusableName(IReadOnlyList<System.CommandLine.Parsing.Token> tokens, Action<string> addError)
    {
        foreach (var token in tokens)
        {
            if (string.IsNullOrWhiteSpace(token.Value) || token.Value is "." or "..")
            {
                addError($"'{token.Value}' cannot be a name. Use 1 to 64 letters, digits, '_' and '-'.");
            }
        }
    }
}
