using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Pki;

namespace Gatehouse.Cli.SelfTest;

/// <summary>What the person gave.</summary>
internal sealed record SelfTestInput
{
    /// <summary>The endpoint under attack.</summary>
    public required Site Site { get; init; }

    /// <summary>Its good client pair.</summary>
    public ClientFiles? Client { get; init; }

    /// <summary>Its account.</summary>
    public string? Account { get; init; }

    /// <summary>A second tenant's endpoint on the same gateway.</summary>
    public Site? Other { get; init; }

    /// <summary>The second tenant's client pair.</summary>
    public ClientFiles? OtherClient { get; init; }

    /// <summary>The second tenant's account.</summary>
    public string? OtherAccount { get; init; }

    /// <summary>A host that is served without client certificates.</summary>
    public Site? Shared { get; init; }

    /// <summary>PEM of the roots that the server certificate must chain to; null: the system's.</summary>
    public string? ServerCaPem { get; init; }

    /// <summary>Limit of each attempt.</summary>
    public TimeSpan Timeout { get; init; }
}

/// <summary>A client pair: as files for openssl, and loaded.</summary>
internal sealed record ClientFiles(string CertificatePath, string KeyPath, PemIdentity Identity);
