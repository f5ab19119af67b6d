namespace Gatehouse.Pki;

/// <summary>A file of certificates or keys cannot be opened. The message completes "The file …" and holds no key material.</summary>
public sealed class PkiFileException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public PkiFileException()
    {
    }

    /// <summary>Makes one that says why.</summary>
    public PkiFileException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says why, and keeps the cause.</summary>
    public PkiFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
