namespace Gatehouse.Manifests.Mtls;

/// <summary>What became of a manifest.</summary>
/// <param name="Text">The manifest as it is to be.</param>
/// <param name="Changes">What was changed, for people; empty when nothing had to be.</param>
/// <param name="Notes">What else the person should know.</param>
/// <param name="Secrets">The Secrets that its pods mount.</param>
/// <param name="Values">What Secrets of the manifest hold, line by line: never to be shown where only a difference was asked for.</param>
public sealed record ManifestChange(
    string Text, IReadOnlyList<string> Changes, IReadOnlyList<string> Notes, IReadOnlyList<MountedSecret> Secrets, IReadOnlyList<string> Values)
{
    /// <summary>A text about the manifest without what its Secrets hold.</summary>
    public string Hide(string text) => Values.Aggregate(text, (hidden, value) => hidden.Replace(value, "(not shown)", StringComparison.Ordinal));
}

/// <summary>A Secret that pods mount for the client certificate.</summary>
/// <param name="Namespace">Theirs; null when the manifest leaves it out.</param>
/// <param name="Name">The Secret's name.</param>
/// <param name="Keys">The names in it.</param>
/// <param name="IsInManifest">Is it part of the manifest?</param>
public sealed record MountedSecret(string? Namespace, string Name, SecretKeys Keys, bool IsInManifest);
