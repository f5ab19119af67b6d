namespace Gatehouse.Manifests;

/// <summary>A manifest that cannot be read, or cannot be changed without changing more than was asked. The message names the place and the way out.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>Made where the fault is found.</summary>
    /// <param name="message">For people: what is wrong, where, and what to do.</param>
    /// <param name="inner">What the parser said.</param>
    public ManifestException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>True when the manifest is well written and what it asks for is refused, as a legacy image is.</summary>
    public bool IsRefusal { get; init; }
}
