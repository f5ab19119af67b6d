namespace Gatehouse.Upgrader;

/// <summary>Where images are pulled from in place of their own registry. Images keep their path: <c>harness/delegate:1</c> becomes <c>mirror/harness/delegate:1</c>.</summary>
/// <param name="mirror">Its host, with a path or without; null: images come from their own registry.</param>
internal sealed class RegistryMirror(string? mirror)
{
    /// <summary>The reference under which the cluster pulls an image.</summary>
    public string Here(string image)
    {
        if (mirror is null || image.StartsWith(mirror + "/", StringComparison.Ordinal))
        {
            return image;
        }

        var slash = image.IndexOf('/', StringComparison.Ordinal);
        // A registry is told from a path by its dot or port.
        var hasRegistry = slash > 0 && (image.AsSpan(0, slash).ContainsAny('.', ':') || image.StartsWith("localhost/", StringComparison.Ordinal));
        return $"{mirror}/{(hasRegistry ? image[(slash + 1)..] : image)}";
    }

    /// <summary>The reference that the manager knows an image by.</summary>
    public string There(string image) => mirror is not null && image.StartsWith(mirror + "/", StringComparison.Ordinal) ? image[(mirror.Length + 1)..] : image;
}
