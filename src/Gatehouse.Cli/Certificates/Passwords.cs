using System.CommandLine;
using System.Text;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Certificates;

/// <summary>Passwords of key files: from a file, or typed where nobody sees it. Never an argument: others see those in process lists, and shells keep them.</summary>
internal static class Passwords
{
    private const int MaxBytes = 4096;

    /// <summary>An option that names a password file.</summary>
    public static Option<string?> Option(string name, string what) => new(name)
    {
        Description = $"File whose first line is the password of {what}; asked for when there is a terminal",
        HelpName = "FILE",
    };

    /// <summary>Answers when it is called, so that nobody is asked for a password that nothing needs.</summary>
    /// <param name="call">The run.</param>
    /// <param name="option">Of <see cref="Option"/>.</param>
    /// <param name="what">What the password opens, for the prompt.</param>
    public static Func<string?> Source(Invocation call, Option<string?> option, string what) => () =>
    {
        if (call.Get(option) is { } path)
        {
            return FromFile(path);
        }

        if (Console.IsInputRedirected)
        {
            throw CliException.BadInput($"{what} has a password. Give a file whose first line is the password, with {option.Name}; or run this on a terminal to be asked.");
        }

        return Prompt(call.Terminal, $"Password of {what}: ");
    };

    /// <summary>A new password: from a file, or typed twice.</summary>
    public static string New(Invocation call, Option<string?> option, string what)
    {
        var password = Source(call, option, what)() ?? "";
        if (call.Get(option) is null && Prompt(call.Terminal, "The same again: ") != password)
        {
            throw CliException.BadInput("The two passwords differ. Nothing was written.");
        }

        return password.Length > 0 ? password : throw CliException.BadInput("The password is empty. Nothing was written.");
    }

    private static string FromFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw CliException.BadInput($"The password file '{path}' is larger than {MaxBytes} bytes. Is it the right file?");
            }

            return File.ReadLines(path).FirstOrDefault() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.BadInput($"The password file '{path}' cannot be read: {Safe.Line(e.Message)}", e);
        }
    }

    private static string Prompt(Terminal terminal, string text)
    {
        terminal.Error.Write(text);
        var typed = new StringBuilder();
        for (ConsoleKeyInfo key; (key = Console.ReadKey(intercept: true)).Key != ConsoleKey.Enter;)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        terminal.Error.WriteLine();
        return typed.ToString();
    }
}
