namespace Gatehouse.Pki;

/// <summary>A CA bundle cannot be used for judging. The message is one plain sentence without key material.</summary>
public sealed class CaBundleException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public CaBundleException()
    {
    }

    /// <summary>Makes one that says why.</summary>
    public CaBundleException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says why, and keeps the cause.</summary>
    public CaBundleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
