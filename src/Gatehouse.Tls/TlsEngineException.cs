namespace Gatehouse.Tls;

/// <summary>The TLS engine cannot be used on this machine or with this certificate; the message says why and the way out.</summary>
public sealed class TlsEngineException(string message, Exception? innerException = null) : Exception(message, innerException);
