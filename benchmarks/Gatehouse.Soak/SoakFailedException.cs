namespace Gatehouse.Soak;

/// <summary>The run cannot go on, and says nothing about the server: the scene could not be set.</summary>
internal sealed class SoakFailedException(string message, Exception? cause = null) : Exception(message, cause);
