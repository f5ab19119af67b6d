namespace Gatehouse.Client;

/// <summary>Certificate and key cannot be used. <see cref="Exception.Message"/> is a plain sentence with the file names; never key material.</summary>
public sealed class ClientIdentityException : Exception
{
    /// <summary>Makes one that says why.</summary>
    public ClientIdentityException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says why, and keeps the cause.</summary>
    public ClientIdentityException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
