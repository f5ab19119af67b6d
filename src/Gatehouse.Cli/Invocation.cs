using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Cli.Connecting;
using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;

namespace Gatehouse.Cli;

/// <summary>One run of one command: its arguments, where it prints, and the server it talks to.</summary>
internal sealed class Invocation(ParseResult parsed, Terminal terminal) : IDisposable
{
    private OperatorClient? _client;

    public Terminal Terminal { get; } = terminal;

    /// <summary>True when stdout is for a program: JSON and nothing else.</summary>
    public bool Json { get; } = parsed.GetValue(SharedOptions.Output) == "json";

    /// <summary>The only place where the clock enters the command line.</summary>
    public TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>The server. Looked up on first use, so that input is checked before anything is connected.</summary>
    public OperatorClient Client => _client ??= Connect();

    public T Get<T>(Option<T> option) => parsed.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => parsed.GetValue(argument)!;

    /// <summary>Prints a command's data: JSON for programs, what <paramref name="render"/> writes for people.</summary>
    public void Print<T>(T value, JsonTypeInfo<T> type, Action<Sheet> render)
    {
        if (Json)
        {
            Terminal.Out.WriteLine(JsonText.Indented(value, type));
            return;
        }

        var sheet = new Sheet(Terminal);
        render(sheet);
    }

    /// <summary>A word to the person, on stderr, so that stdout stays data.</summary>
    public void Say(string text) => Terminal.Error.WriteLine(text);

    public void Dispose() => _client?.Dispose();

    private OperatorClient Connect()
    {
        var target = ServerLocator.Locate(
            Get(SharedOptions.Server), Get(SharedOptions.ApiKey), Get(SharedOptions.ApiKeyFile), Get(SharedOptions.Data), Environment.GetEnvironmentVariable);
        foreach (var warning in target.Warnings)
        {
            Say(warning);
        }

        return new OperatorClient(target.Server, target.ApiKey);
    }
}
