namespace Gatehouse.Contracts;

/// <summary>What a service token says, once its signature has been checked.</summary>
/// <param name="AccountId">The one account it is good for.</param>
/// <param name="ExpiresAt">When it stops; whole seconds.</param>
public readonly record struct ServiceToken(string AccountId, DateTimeOffset ExpiresAt);
