namespace Gatehouse.Tls;

/// <summary>How an engine behaves; the same for all connections of a gateway.</summary>
public sealed record TlsEngineOptions
{
    /// <summary>How refused clients are turned away. Default: with an explanation.</summary>
    public RefusalForm RefusalForm { get; init; }

    /// <summary>Whether certificates' keys are parsed by OpenSSL's older, quicker decoder (docs/design/tls.md). Default: off.</summary>
    public LegacyKeyDecoderMode LegacyKeyDecoder { get; init; }

    /// <summary>How clients come back without a full handshake. Default: stateful sessions. The portable engine has none.</summary>
    public ResumptionForm Resumption { get; init; }

    /// <summary>File of the keys for <see cref="ResumptionForm.Tickets"/>, one of 80 bytes in Base64 a line, the one in force first; null: made here, and good for this process only.</summary>
    public string? TicketKeysPath { get; init; }

    /// <summary>Stateful sessions kept, over all endpoints. At least 1; default 20,000 (about 8 KB each).</summary>
    public int MaxSessions { get; init; } = 20_000;
}
