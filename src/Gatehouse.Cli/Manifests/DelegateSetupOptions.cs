using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Manifests;
using Gatehouse.Manifests.Delegates;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Cli.Manifests;

/// <summary>What every way to start a delegate is told.</summary>
internal sealed class DelegateSetupOptions
{
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "The account's mTLS endpoint, for example https://customer1.agent.example.io", HelpName = "URL" };
    private readonly Option<string?> _account = new("--account") { Description = "The account", HelpName = "ID" };
    private readonly Option<string> _name;
    private readonly Option<string?> _image = new("--image") { Description = "The delegate's image, with a tag of the form yy.mm.xxxxx", HelpName = "IMAGE" };
    private readonly Option<string[]?> _allowImage = ManifestOptions.AllowImage();
    private readonly Option<string> _keyNames = new("--key-names")
    {
        Description = "Names of certificate and key, for example tls.crt,tls.key",
        HelpName = "CERT,KEY",
        DefaultValueFactory = _ => "client.crt,client.key",
    };

    private readonly Option<string?> _tags = new("--tags") { Description = "The delegate's tags, with commas between", HelpName = "TAGS" };
    private readonly Option<bool> _flag = new("--override-service-urls") { Description = "Do not set the addresses of log and TI service, because the account has the flag CI_OVERRIDE_SERVICE_URLS" };
    private readonly Option<string[]?> _variables = new("--env") { Description = "A further variable; give it again for more. No secrets: the result shows it", HelpName = "NAME=VALUE" };

    private readonly Dictionary<string, string> _secrets;

    /// <param name="name">The delegate's name by default.</param>
    /// <param name="token">The option that says where the delegate token is.</param>
    /// <param name="password">How the proxy's password gets in.</param>
    public DelegateSetupOptions(string name, string token, string password)
    {
        _secrets = new Dictionary<string, string>
        {
            ["DELEGATE_TOKEN"] = $"use {token}",
            ["ACCOUNT_SECRET"] = $"it is the delegate token by another name; use {token}",
            ["UPGRADER_TOKEN"] = "it is the upgrader's; use --upgrader-token-secret of 'gatehouse helm values'",
            ["PROXY_PASSWORD"] = password,
        };
        _name = new Option<string>("--name") { Description = "The delegate's name", HelpName = "NAME", DefaultValueFactory = _ => name };
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_endpoint, _account, _name, _image, _allowImage, _keyNames, _tags, _flag, _variables])
        {
            command.Add(option);
        }
    }

    /// <exception cref="ManifestException">A value cannot be one.</exception>
    public DelegateSetup Read(Invocation call) => new()
    {
        Endpoint = call.Get(_endpoint) is { } url ? MtlsEndpoint.Parse(url) : null,
        AccountId = call.Get(_account),
        Name = call.Get(_name),
        Image = call.Get(_image),
        AllowedImages = call.Get(_allowImage) ?? [],
        Keys = SecretKeys.Parse(call.Get(_keyNames)),
        Tags = call.Get(_tags),
        OverrideServiceUrls = call.Get(_flag),
        Variables = [.. (call.Get(_variables) ?? []).Select(Variable)],
    };

    /// <summary>Prints the result on stdout, and on stderr what is left to fill in.</summary>
    public static void Print(Invocation call, Rendered rendered, IReadOnlyList<string> nextSteps)
    {
        if (call.Json)
        {
            call.Print(new RenderedSetup(rendered.Text, rendered.Missing, nextSteps), CliJson.Default.RenderedSetup, _ => { });
            return;
        }

        call.Terminal.Out.Write(rendered.Text);
        foreach (var placeholder in rendered.Missing)
        {
            call.Say($"Left to fill in: {placeholder.Text} ({placeholder.Option}).");
        }

        foreach (var step in nextSteps)
        {
            call.Say("Next: " + Safe.Line(step));
        }
    }

    /// <summary>Values are shown, kept by Helm and seen by others as arguments: no secret is among them, nor in what is said about it.</summary>
    private KeyValuePair<string, string> Variable(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (_secrets.TryGetValue(text[..Math.Max(at, 0)].Trim().ToUpperInvariant(), out var way))
        {
            throw new ManifestException($"--env {text[..at].Trim()}: its value is a secret, which the result would show; {way}.");
        }

        return at > 0 && text[..at].All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            ? new(text[..at], text[(at + 1)..])
            : throw new ManifestException($"'{text}' is no variable. Give NAME=VALUE, with letters, digits and '_' in the name.");
    }
}

/// <summary>What <c>docker</c> and <c>helm</c> commands print as JSON.</summary>
/// <param name="Text">The command or file.</param>
/// <param name="Missing">What is left to fill in.</param>
/// <param name="NextSteps">Commands to run next.</param>
internal sealed record RenderedSetup(string Text, IReadOnlyList<Placeholder> Missing, IReadOnlyList<string> NextSteps);
