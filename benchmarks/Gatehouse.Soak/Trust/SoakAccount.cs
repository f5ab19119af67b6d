using Gatehouse.Client;
using Gatehouse.Soak.Clients;

namespace Gatehouse.Soak.Trust;

/// <summary>One account: its CAs, its clients, its trust as it was and is.</summary>
internal sealed class SoakAccount : IDisposable
{
    public const int AuthorityCount = 3;

    private SoakAccount(string id, TestAuthority[] authorities) => (Id, Authorities) = (id, authorities);

    public string Id { get; }
    public TestAuthority[] Authorities { get; }
    public TrustHistory History { get; } = new();

    /// <summary>Without a certificate.</summary>
    public required SoakClient Plain { get; init; }

    /// <summary>One of each CA.</summary>
    public required IReadOnlyList<SoakClient> OfAuthorities { get; init; }

    /// <summary>Of the first CA, its time long over.</summary>
    public required SoakClient Expired { get; init; }

    /// <summary>Shows another account's certificate; set when all accounts are made.</summary>
    public SoakClient Foreign { get; set; } = null!;

    /// <summary>Shown with every request.</summary>
    public DelegateCredential Credential { get; set; } = null!;

    /// <summary>Registered delegates whose stream nobody holds.</summary>
    public System.Collections.Concurrent.ConcurrentBag<string> FreeDelegates { get; } = [];

    public static SoakAccount Create(int number, string folder, DateTimeOffset now)
    {
        var authorities = new TestAuthority[AuthorityCount];
        for (var i = 0; i < authorities.Length; i++)
            authorities[i] = new TestAuthority($"acc{number}-ca{i}", folder, now);
        return new SoakAccount($"acc{number}", authorities)
        {
            Plain = new SoakClient(new SoakIdentity(null, true, double.PositiveInfinity), null),
            OfAuthorities = [.. authorities.Select((a, i) => Client(a, i, now.AddDays(1)))],
            Expired = Client(authorities[0], 0, now.AddHours(-1)),
        };
    }

    /// <summary>A client of one of the CAs whose certificate ends soon.</summary>
    public SoakClient ShortLived(int authority, DateTimeOffset notAfter) => Client(Authorities[authority], authority, notAfter);

    /// <summary>The name of a prefix of this account.</summary>
    public string Prefix(int number) => $"{Id}-{number}";

    private static SoakClient Client(TestAuthority authority, int number, DateTimeOffset notAfter)
    {
        var files = authority.IssueClient("client", notAfter);
        return new SoakClient(new SoakIdentity(number, true, SoakClock.At(files.NotAfter)), files);
    }

    public void Dispose()
    {
        foreach (var client in OfAuthorities.Append(Plain).Append(Expired).Append(Foreign))
            client?.Dispose();
        foreach (var authority in Authorities)
            authority.Dispose();
    }
}
