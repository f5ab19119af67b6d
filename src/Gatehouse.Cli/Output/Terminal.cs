using System.Text;

namespace Gatehouse.Cli.Output;

/// <summary>Where a command prints.</summary>
/// <param name="Out">Data.</param>
/// <param name="Error">Words to the person.</param>
/// <param name="IsInteractive">True when <paramref name="Out"/> is a terminal: colour and wrapping make sense.</param>
/// <param name="Width">Columns of the terminal.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsInteractive, int Width)
{
    /// <summary>The terminal or pipes of this process. UTF-8 without a byte order mark, whatever the locale says.</summary>
    public static Terminal OfProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var interactive = !Console.IsOutputRedirected;
        return new Terminal(
            new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            interactive,
            interactive ? Math.Max(Console.WindowWidth, 60) : 0);
    }
}
