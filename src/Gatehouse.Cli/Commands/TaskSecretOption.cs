using System.Text;
using Gatehouse.Cli.Certificates;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.Commands;

/// <summary>Reads <c>--secret</c>: <c>NAME</c> from the environment, <c>NAME=@FILE</c> from a file, <c>NAME=VALUE</c> as it stands. No sentence holds a value.</summary>
internal static class TaskSecretOption
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The secrets by name; null without any.</summary>
    /// <exception cref="CliException">One cannot be read.</exception>
    public static async Task<IReadOnlyDictionary<string, string>?> ReadAsync(
        IReadOnlyList<string> options, Func<string, string?> environment, Action<string> warn, CancellationToken cancellationToken)
    {
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            var parts = option.Split('=', 2);
            var name = parts[0];
            if (name.Length == 0)
            {
                throw CliException.BadInput("--secret needs a name: NAME to take it from the environment, or NAME=@FILE.");
            }

            if (parts.Length == 1)
            {
                secrets[name] = environment(name) ?? throw CliException.BadInput($"--secret {name}: there is no variable {name} in this command's environment. Set it, or give --secret {name}=@FILE.");
            }
            else if (parts[1].StartsWith('@'))
            {
                secrets[name] = await FromFileAsync(name, parts[1][1..], cancellationToken);
            }
            else
            {
                warn($"Others on this machine can see the value of --secret {name} in process lists; give --secret {name} with {name} in the environment, or --secret {name}=@FILE.");
                secrets[name] = parts[1];
            }
        }

        return secrets.Count == 0 ? null : secrets;
    }

    /// <summary>A file of one line counts without its line break, which editors and <c>echo</c> put there; a file of several lines as it is.</summary>
    private static async Task<string> FromFileAsync(string name, string path, CancellationToken cancellationToken)
    {
        var bytes = await InputFile.ReadAsync(path, $"file of the secret {name}", Limits.MaxTaskSecretBytes, cancellationToken);
        try
        {
            var text = s_strict.GetString(bytes);
            var line = text.TrimEnd('\n', '\r');
            return line.AsSpan().IndexOfAny('\n', '\r') < 0 ? line : text;
        }
        catch (DecoderFallbackException e)
        {
            throw CliException.BadInput($"The file '{path}' of the secret {name} is not UTF-8 text. Encode it, for example with base64, and decode it in the script.", e);
        }
    }
}
