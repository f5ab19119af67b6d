using System.Text.RegularExpressions;

namespace Gatehouse.Manifests.Mtls;

/// <summary>What became of a manifest.</summary>
/// <param name="Text">The manifest as it is to be.</param>
/// <param name="Changes">What was changed, for people; empty when nothing had to be.</param>
/// <param name="Notes">What else the person should know.</param>
/// <param name="Secrets">The Secrets that its pods mount.</param>
/// <param name="Values">What Secrets of the manifest, and variables and entries with a secret's name, hold, line by line: never to be shown where only a difference was asked for.</param>
public sealed partial record ManifestChange(
    string Text, IReadOnlyList<string> Changes, IReadOnlyList<string> Notes, IReadOnlyList<MountedSecret> Secrets, IReadOnlyList<string> Values)
{
    private const string NotShown = "(not shown)";

    /// <summary>A text about the manifest without what its Secrets hold, and without user and password in addresses.</summary>
    public string Hide(string text) => UserInfo().Replace(Values.Aggregate(text, (hidden, value) => hidden.Replace(value, NotShown, StringComparison.Ordinal)), NotShown);

    /// <summary>What is before the host of an address, the slashes written as JSON may write them, too.</summary>
    [GeneratedRegex("""(?<=:(?:\\?/){2})[^\s/"']+(?=@)""")]
    private static partial Regex UserInfo();
}

/// <summary>A Secret that pods mount for the client certificate.</summary>
/// <param name="Namespace">Theirs; null when the manifest leaves it out.</param>
/// <param name="Name">The Secret's name.</param>
/// <param name="Keys">The names in it.</param>
/// <param name="IsInManifest">Is it part of the manifest?</param>
public sealed record MountedSecret(string? Namespace, string Name, SecretKeys Keys, bool IsInManifest);
