using System.Net;
using Gatehouse.Soak.Oracle;
using Gatehouse.Soak.Trust;

namespace Gatehouse.Soak;

/// <summary>What every client needs.</summary>
internal sealed record SoakScene
{
    public const string Domain = "agent.localhost";

    /// <summary>The one shared host.</summary>
    public const string SharedHost = "localhost";

    public required SoakPlan Plan { get; init; }
    public required IPEndPoint Server { get; init; }
    public required IReadOnlyList<SoakAccount> Accounts { get; init; }
    public required ServerCertificates Certificates { get; init; }
    public required TrustOracle Oracle { get; init; }
    public required SoakCounts Counts { get; init; }
    public required Violations Violations { get; init; }

    /// <summary>The host of a prefix.</summary>
    public static SoakHost HostOf(string prefix) => new($"{prefix}.{Domain}", prefix);
}
