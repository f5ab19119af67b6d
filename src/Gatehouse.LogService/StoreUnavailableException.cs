namespace Gatehouse.LogService;

/// <summary>A store elsewhere (Redis, S3) cannot be used now: nothing was acknowledged, and asking again may help.</summary>
internal sealed class StoreUnavailableException : IOException
{
    /// <param name="message">One sentence for the client: which store, and the way out.</param>
    /// <param name="cause">For the log.</param>
    public StoreUnavailableException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
