using System.Net;
using Gatehouse.LogService;
using Gatehouse.Tls;

namespace Gatehouse.Server.Configuration;

/// <summary>The configuration, parsed once; nothing else reads files, flags or the environment.</summary>
internal sealed record ServerConfiguration
{
    public required string DataDirectory { get; init; }
    public required IPEndPoint AgentListen { get; init; }
    public int? PublicPort { get; init; }
    public required string AgentDomain { get; init; }
    public required IReadOnlyList<string> SharedHosts { get; init; }
    /// <summary>Null together with <see cref="CertificateKeyPath"/>: a development certificate is generated.</summary>
    public string? CertificatePath { get; init; }
    public string? CertificateKeyPath { get; init; }
    public required RefusalForm Refusal { get; init; }
    public required TlsEngineKind TlsEngine { get; init; }
    public required LegacyKeyDecoderMode LegacyKeyDecoder { get; init; }
    public required ResumptionForm Resumption { get; init; }
    public required int TlsSessions { get; init; }
    public string? TicketKeys { get; init; }
    /// <summary>Connections open at once; 0: as many as the limit of open files leaves room for.</summary>
    public required int Connections { get; init; }

    public required int Handshakes { get; init; }
    public required int HandshakesPerEndpoint { get; init; }
    public required int RefusalsPerSecond { get; init; }
    public required bool ForwardClientCertificate { get; init; }
    public required IPEndPoint OperatorListen { get; init; }
    public required string OperatorKeyFile { get; init; }
    public string? ConnectionString { get; init; }
    /// <summary>Null: live log lines are in memory.</summary>
    public string? RedisConnectionString { get; init; }

    /// <summary>Null: finished logs are in files.</summary>
    public S3Options? S3 { get; init; }

    /// <summary>Null: they are kept until they are deleted.</summary>
    public TimeSpan? BlobRetention { get; init; }
    public long? BlobQuota { get; init; }
    public long? TiQuota { get; init; }
    public long FreeSpaceFloor { get; init; }

    public Uri? Manager { get; init; }
    public Uri? LogService { get; init; }
    /// <summary>The log service runs in this process.</summary>
    public required bool LogServiceIsHere { get; init; }
    public string? LogServiceSecret { get; init; }
    public string? LogServiceGlobalToken { get; init; }
    public Uri? TiService { get; init; }

    /// <summary>The TI service is a role of this process.</summary>
    public required bool TiServiceIsHere { get; init; }

    public string? TiServiceSecret { get; init; }
    public string? TiServiceGlobalToken { get; init; }
    public Uri? StoService { get; init; }
    /// <summary>Lower case, begins with a slash, one segment; <see cref="ScsPath"/> likewise.</summary>
    public required string StoPath { get; init; }
    public Uri? ScsService { get; init; }
    public required string ScsPath { get; init; }

    /// <summary>What tasks are told while their account's flag is off; the next three likewise.</summary>
    public Uri? LogServiceUrl { get; init; }
    public Uri? TiServiceUrl { get; init; }
    public Uri? StoServiceUrl { get; init; }
    public Uri? ScsServiceUrl { get; init; }
    public string? TiAgents { get; init; }
    public required TimeSpan TiReportRetention { get; init; }
    public required TimeSpan TiGraphRetention { get; init; }
    public string? ClusterSecret { get; init; }
    public string? DelegateImage { get; init; }
    public required IReadOnlyList<string> MtlsImages { get; init; }
    public string? UpgraderImage { get; init; }
    public required LogLevel LogLevel { get; init; }
}
