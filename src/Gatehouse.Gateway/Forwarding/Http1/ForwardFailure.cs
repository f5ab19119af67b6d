namespace Gatehouse.Gateway;

/// <summary>Why a request could not be forwarded, or its answer not be passed on.</summary>
internal enum ForwardFailure
{
    /// <summary>Nothing failed.</summary>
    None,

    /// <summary>The client is gone, or its trust was withdrawn.</summary>
    ClientGone,

    /// <summary>As many connections to the service as there may be.</summary>
    Busy,

    /// <summary>No connection to the service.</summary>
    NotConnected,

    /// <summary>The service said nothing for too long.</summary>
    TimedOut,

    /// <summary>The service ended the connection too early.</summary>
    Broken,

    /// <summary>What the service answered is no HTTP that can be passed on.</summary>
    BadAnswer,
}

/// <summary>A service failed; nothing of it is the client's fault.</summary>
internal sealed class UpstreamException(ForwardFailure failure, string message, Exception? inner = null) : IOException(message, inner)
{
    public ForwardFailure Failure => failure;
}
