namespace Gatehouse.Fuzz.Targets;

/// <summary>Everything that is fuzzed.</summary>
internal static class AllTargets
{
    /// <summary>How each is made, by its name; made when it is used.</summary>
    public static IReadOnlyDictionary<string, Func<IFuzzTarget>> Makers { get; } = new Dictionary<string, Func<IFuzzTarget>>(StringComparer.Ordinal)
    {
        ["refusal-http1"] = () => new Http1RefusalTarget(),
        ["refusal-http2"] = () => new Http2RefusalTarget(),
        ["host-name"] = () => new HostNameTarget(),
        ["account-claims"] = () => new AccountClaimsTarget(),
        ["identity-headers"] = () => new IdentityHeadersTarget(),
        ["server-name"] = () => new ServerNameTarget(),
        ["client-hello"] = () => new ClientHelloTarget(),
        ["certificate-message"] = () => new CertificateMessageTarget(),
        ["client-chain"] = () => new ClientChainTarget(),
        ["service-head"] = () => new ServiceHeadTarget(),
        ["chunked-body"] = () => new ChunkedBodyTarget(),
        ["ca-bundle"] = () => new PemTarget(),
    };
}
