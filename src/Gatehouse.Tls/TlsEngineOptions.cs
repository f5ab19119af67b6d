namespace Gatehouse.Tls;

/// <summary>How an engine behaves; the same for all connections of a gateway.</summary>
public sealed record TlsEngineOptions
{
    /// <summary>How refused clients are turned away. Default: with an explanation.</summary>
    public RefusalForm RefusalForm { get; init; }

    /// <summary>Whether certificates' keys are parsed by OpenSSL's older, quicker decoder (docs/design/tls.md). Default: off.</summary>
    public LegacyKeyDecoderMode LegacyKeyDecoder { get; init; }

    /// <summary>Sessions kept for resumption, over all endpoints; 0 switches resumption off. Default 20,000 (about 8 KB each). The portable engine has none.</summary>
    public int MaxSessions { get; init; } = 20_000;
}
