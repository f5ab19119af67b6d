namespace Gatehouse.Manager.Delegates;

/// <summary>
/// Which registrations are the same delegate (protocol sheet §5.4, 2): account, generation and host name, plus the IP address unless the host name is unique by itself.
/// Ours adds the delegate's name: two delegates with different names on one host are two delegates, where upstream lets the second take over the first's id.
/// </summary>
internal sealed record DelegateIdentity(string AccountId, bool Ng, string HostName, string? Ip, string Name)
{
    public static DelegateIdentity Of(string accountId, DelegateFacts facts)
    {
        var hostIsUnique = (facts.Ng && facts.Type == "KUBERNETES") ||
            (accountId.Length >= 6 && facts.HostName.Contains(accountId[..6].ToLowerInvariant(), StringComparison.Ordinal));
        return new DelegateIdentity(accountId, facts.Ng, facts.HostName, hostIsUnique ? null : facts.Ip, facts.Name);
    }
}
