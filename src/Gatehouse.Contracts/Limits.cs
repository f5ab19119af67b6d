namespace Gatehouse.Contracts;

/// <summary>All limits and times of the protocol in one place. Sheet numbers are of the protocol fact sheet.</summary>
public static class Limits
{
    /// <summary>CA certificates in one bundle: 1 to this many.</summary>
    public const int MaxCaCertificates = 16;

    /// <summary>Bytes of a CA bundle's PEM text.</summary>
    public const int MaxCaBundleBytes = 256 * 1024;

    /// <summary>CRLs of one account.</summary>
    public const int MaxCrls = 16;

    /// <summary>Bytes of one CRL as DER.</summary>
    public const int MaxCrlBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of a CRL upload: as PEM it is a third longer, and text may stand around it.</summary>
    public const int MaxCrlUploadBytes = (MaxCrlBytes / 2 * 3) + (64 * 1024);

    /// <summary>Entries of one account's deny list.</summary>
    public const int MaxDenied = 10_000;

    /// <summary>Characters of the note on a deny-list entry.</summary>
    public const int MaxDenyNote = 256;

    /// <summary>Bytes of a request body on the delegate protocol and the operator API.</summary>
    public const int MaxRequestBodyBytes = 4 * 1024 * 1024;

    /// <summary>Nesting of JSON that is read.</summary>
    public const int MaxJsonDepth = 32;

    /// <summary>Bytes of a task's stored output; what comes after is dropped and the output says so.</summary>
    public const long MaxTaskOutputBytes = 16 * 1024 * 1024;

    /// <summary>Secrets of one task.</summary>
    public const int MaxTaskSecrets = 64;

    /// <summary>Bytes of one secret of a task; the kernel allows twice as much in an environment variable.</summary>
    public const int MaxTaskSecretBytes = 64 * 1024;

    /// <summary>Bytes that a line of a secret needs to be masked: shorter ones would take half of the output with them and hide nothing.</summary>
    public const int MinMaskedBytes = 3;

    /// <summary>Bytes of one output chunk.</summary>
    public const int MaxTaskOutputChunkBytes = 256 * 1024;

    /// <summary>Days during which a deleted prefix is not given to another account.</summary>
    public const int PrefixQuarantineDays = 30;

    /// <summary>How often a polling delegate asks for task events (sheet §5.7).</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(3);

    /// <summary>How often our delegate sends a heartbeat: well under <see cref="ConnectedWithin"/>.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    /// <summary>A delegate counts as connected when its last heartbeat is at most this old (sheet §5.7).</summary>
    public static readonly TimeSpan ConnectedWithin = TimeSpan.FromMinutes(5);

    /// <summary>A task that nobody took is offered to more delegates after this time (sheet §6.2).</summary>
    public static readonly TimeSpan RebroadcastInterval = TimeSpan.FromSeconds(5);

    /// <summary>Default time limit of a task (sheet §6.5).</summary>
    public static readonly TimeSpan DefaultTaskTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Longest time limit of a task.</summary>
    public static readonly TimeSpan MaxTaskTimeout = TimeSpan.FromHours(24);

    /// <summary>How long a finished task and its output are kept (sheet §6.1).</summary>
    public static readonly TimeSpan TaskRetention = TimeSpan.FromDays(4);

    /// <summary>Grace time after a CRL's nextUpdate unless the account chose another.</summary>
    public static readonly TimeSpan DefaultCrlGrace = TimeSpan.FromHours(24);

    /// <summary>Longest grace time after a CRL's nextUpdate.</summary>
    public static readonly TimeSpan MaxCrlGrace = TimeSpan.FromDays(90);

    /// <summary>Within this time a change of trust has taken effect everywhere, live connections included.</summary>
    public static readonly TimeSpan TrustChangeEffective = TimeSpan.FromSeconds(1);
}
