using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Text;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Delegates;

/// <summary>
/// A delegate in Docker. The pair is mounted as a folder: a single file that is mounted stays the old one when the certificate is renewed and the new file moved into its place.
/// The token is read where the command runs, and is in no argument that others on the machine can see.
/// </summary>
public sealed record DockerSetup
{
    private const string TokenPlaceholder = "<delegate token>";
    private const string ServerRoots = "/opt/harness-delegate/ca-bundle";

    /// <summary>What it is started with.</summary>
    public required DelegateSetup Delegate { get; init; }

    /// <summary>The absolute path of the folder with the pair; null: not known yet.</summary>
    public string? Folder { get; init; }

    /// <summary>The absolute path of the file with the token; null: not known yet.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The absolute path of a folder with roots of the server's certificate, where the system's do not do; null: none.</summary>
    public string? ServerCaFolder { get; init; }

    /// <summary>Processors, as Docker takes them.</summary>
    public string Cpus { get; init; } = "1";

    /// <summary>Memory, as Docker takes it.</summary>
    public string Memory { get; init; } = "2g";

    /// <summary>The user in the container, who must be able to read the key.</summary>
    public string User { get; init; } = "root";

    private string FolderOrPlaceholder => Folder ?? $"<path to the folder with {Delegate.Keys.Certificate} and {Delegate.Keys.Key}>";

    /// <summary>The <c>docker run</c> command, for any POSIX shell.</summary>
    /// <exception cref="ManifestException">The image is a legacy one, or a value cannot be an argument.</exception>
    public Rendered Command()
    {
        Check();
        var words = new List<string>
        {
            $"docker run -d --cpus={ShellWord.Of(Cpus)} --memory={ShellWord.Of(Memory)} -u {ShellWord.Of(User)}",
            "--mount " + ShellWord.Of(Bind(FolderOrPlaceholder, Names.MountPath)),
        };
        if (ServerCaFolder is not null)
        {
            words.Add("--mount " + ShellWord.Of(Bind(ServerCaFolder, ServerRoots)));
        }

        words.AddRange(Delegate.Environment().Select(one => "-e " + ShellWord.Of($"{one.Key}={one.Value}")));
        words.Add("-e DELEGATE_TOKEN");
        words.Add(ShellWord.Of(Delegate.ImageOrPlaceholder));
        var text = Token() + string.Join(" \\\n  ", words) + "\n";
        return new Rendered(text, [.. Missing(TokenFile is null)]);
    }

    /// <summary>A compose file.</summary>
    /// <exception cref="ManifestException">The image is a legacy one.</exception>
    public Rendered Compose()
    {
        Check();
        var environment = new TreeMap();
        environment.Entries.AddRange(Delegate.Environment().Select(one => new TreeEntry { Key = one.Key, Value = Text(one.Value) }));
        environment.Entries.Add(new TreeEntry { Key = "DELEGATE_TOKEN", Value = Tree.Text("${DELEGATE_TOKEN:?Put the delegate token into this variable}") });
        var volumes = new List<Tree> { Volume(FolderOrPlaceholder, Names.MountPath) };
        if (ServerCaFolder is not null)
        {
            volumes.Add(Volume(ServerCaFolder, ServerRoots));
        }

        var service = Tree.Map(
            ("image", Text(Delegate.ImageOrPlaceholder)), ("user", Text(User)), ("restart", Tree.Text("unless-stopped")), ("cpus", Text(Cpus)), ("mem_limit", Text(Memory)),
            ("environment", environment), ("volumes", Tree.List(volumes)));
        var lines = BlockWriter.Entry("services", Tree.Map(("delegate", service)), 0, new BlockStyle(2, 2, 2));
        return new Rendered(string.Concat(lines.Select(line => line + "\n")), [.. Missing(withToken: false)]);
    }

    /// <summary>The command that starts what <see cref="Compose"/> describes.</summary>
    public string ComposeUp() => $"{Token()}docker compose up -d".Replace(" \\\n", " ", StringComparison.Ordinal);

    private void Check()
    {
        if (Delegate.ImageRefusal is { } refusal)
        {
            throw new ManifestException(refusal) { IsRefusal = true };
        }
    }

    /// <summary>The shell reads the token into the environment of the one command.</summary>
    private string Token() => TokenFile is null ? $"DELEGATE_TOKEN={ShellWord.Of(TokenPlaceholder)} \\\n" : $"DELEGATE_TOKEN=\"$(cat {ShellWord.Of(TokenFile)})\" \\\n";

    private IEnumerable<Placeholder> Missing(bool withToken)
    {
        foreach (var one in Delegate.Missing())
        {
            yield return one;
        }

        if (Folder is null)
        {
            yield return new(FolderOrPlaceholder, "--certs");
        }

        if (withToken)
        {
            yield return new(TokenPlaceholder, "--token-file");
        }
    }

    /// <summary>Docker reads this as one line of CSV. Other than with <c>-v</c>, a folder that is not there is an error and is not made.</summary>
    private static string Bind(string source, string target) => $"type=bind,{Csv("source=" + source)},{Csv("target=" + target)},readonly";

    private static string Csv(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static TreeMap Volume(string source, string target) => Tree.Map(
        ("type", Tree.Text("bind")), ("source", Text(source)), ("target", Tree.Text(target)), ("read_only", Tree.True()), ("bind", Tree.Map(("create_host_path", Tree.False()))));

    /// <summary>Compose takes a dollar for a variable.</summary>
    private static TreeScalar Text(string value) => Tree.Text(value.Replace("$", "$$", StringComparison.Ordinal));
}
