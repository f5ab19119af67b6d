namespace Gatehouse.Cli.Connecting;

/// <summary>The server a command talks to.</summary>
/// <param name="Server">Operator address.</param>
/// <param name="ApiKey">Operator API key.</param>
/// <param name="Warnings">What the person should know of how it was found.</param>
internal sealed record ServerTarget(Uri Server, string ApiKey, IReadOnlyList<string> Warnings);
