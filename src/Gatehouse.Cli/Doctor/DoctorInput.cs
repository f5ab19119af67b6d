using Gatehouse.Client.Operator;

namespace Gatehouse.Cli.Doctor;

/// <summary>What is known of a delegate's set-up, as text: whether it is any good is what the examination finds out.</summary>
internal sealed record DoctorInput
{
    /// <summary>The manager's address.</summary>
    public required string Url { get; init; }

    public string? CertificatePath { get; init; }

    public string? KeyPath { get; init; }

    /// <summary>A file with roots of the server's certificate.</summary>
    public string? ServerCaPath { get; init; }

    /// <summary>A folder with such files.</summary>
    public string? ServerCaFolder { get; init; }

    public string? Account { get; init; }

    /// <summary>The delegate token. Secret.</summary>
    public string? Token { get; init; }

    public string? LogServiceUrl { get; init; }

    public string? TiServiceUrl { get; init; }

    /// <summary>Address of the proxy with its credentials; null for none. Secret.</summary>
    public string? ProxyUrl { get; init; }

    public string? NoProxy { get; init; }

    /// <summary>Connect there, whatever the name resolves to.</summary>
    public string? Connect { get; init; }

    /// <summary>Where a delegate that runs on this machine tells of itself; null: it is not asked.</summary>
    public int? HealthPort { get; init; }

    /// <summary>Limit of each attempt.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What is mounted where, in the form of Linux' <c>/proc/self/mountinfo</c>.</summary>
    public string MountTable { get; init; } = "/proc/self/mountinfo";

    /// <summary>The operator's side, when it can be asked.</summary>
    public OperatorClient? Operator { get; init; }
}
