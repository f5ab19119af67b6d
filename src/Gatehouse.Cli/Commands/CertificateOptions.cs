using System.CommandLine;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary>Options that several <c>certs</c> commands take.</summary>
internal static class CertificateOptions
{
    public static Option<string> Folder(string description) => new("--out") { Description = description, HelpName = "DIR", Required = true };

    public static Option<bool> Force() => new("--force") { Description = "Overwrite files that exist" };

    public static Option<int> Days(int days) => new("--days") { Description = "Validity", HelpName = "N", DefaultValueFactory = _ => days };

    /// <summary>The kind of key pair to make; null is left to the command.</summary>
    public static Option<string?> Key(string? kind, string note)
    {
        var option = new Option<string?>("--key") { Description = $"The key pair: {KeyKinds.Names}{note}", HelpName = "KIND" };
        if (kind is not null)
        {
            option.DefaultValueFactory = _ => kind;
        }

        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !KeyKinds.TryParse(result.Tokens[0].Value, out _))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no kind of key. Use one of {KeyKinds.Names}.");
            }
        });
        return option;
    }

    /// <summary>What <see cref="Key"/> was given.</summary>
    public static KeyKind? Kind(string? text) => text is null ? null : KeyKinds.TryParse(text, out var kind) ? kind : throw new ArgumentOutOfRangeException(nameof(text));
}
