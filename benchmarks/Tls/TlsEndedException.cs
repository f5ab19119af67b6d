namespace Gatehouse.Benchmarks.Tls;

/// <summary>How a connection ended under the client's hands.</summary>
/// <param name="message">What happened.</param>
/// <param name="alert">Number of the alert that the server sent; null when it sent none.</param>
internal sealed class TlsEndedException(string message, int? alert) : Exception(message)
{
    public int? Alert { get; } = alert;
}

/// <summary>The server did not answer in time: always a fault of its.</summary>
internal sealed class TlsTimeoutException(string message) : Exception(message);
