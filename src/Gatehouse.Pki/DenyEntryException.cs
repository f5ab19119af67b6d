namespace Gatehouse.Pki;

/// <summary>A deny-list entry cannot be understood. The message names the text and says how to write it.</summary>
public sealed class DenyEntryException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public DenyEntryException()
    {
    }

    /// <summary>Makes one that says why.</summary>
    public DenyEntryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says why, and keeps the cause.</summary>
    public DenyEntryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
