namespace Gatehouse.Client;

/// <summary>What a connection to a gateway is made with, as one unit: never half of what was and half of what is.</summary>
/// <param name="Identity">The client certificate with its key; null for none.</param>
/// <param name="Trust">Which servers are believed.</param>
public sealed record ConnectionMaterial(LoadedIdentity? Identity, ServerTrust Trust);
