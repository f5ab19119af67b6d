namespace Gatehouse.Pki;

/// <summary>A certificate revocation list cannot be used. The message says why and names the way out, in plain sentences.</summary>
public sealed class RevocationListException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public RevocationListException()
    {
    }

    /// <summary>Makes one that says why.</summary>
    public RevocationListException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says why, and keeps the cause.</summary>
    public RevocationListException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
