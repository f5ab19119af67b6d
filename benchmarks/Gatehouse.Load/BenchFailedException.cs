namespace Gatehouse.Load;

/// <summary>A figure cannot be had, or would be wrong: the run ends, and prints nothing that looks like a result.</summary>
internal sealed class BenchFailedException(string message, Exception? cause = null) : Exception(message, cause);
