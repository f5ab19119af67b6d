using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>The words of refusals that do not come from a certificate.</summary>
internal static class Refusals
{
    public static Refusal SniMissing(string remoteAddress) => new(
        RefusalCode.SniMissing, "The client named no server in its TLS handshake (no SNI).",
        "Connect to the account's endpoint by its name, not by an IP address.", RemoteAddress: remoteAddress);

    public static Refusal SniUnknown(string serverName, string remoteAddress) => new(
        RefusalCode.SniUnknown, "The client asked for a server name that is not served here.",
        "Check the host in MANAGER_HOST_AND_PORT against the endpoint's FQDN (gatehouse mtls show).", Host: Bounded(serverName), RemoteAddress: remoteAddress);

    public static Refusal CertificateTooLarge(string accountId, string host, string remoteAddress) => new(
        RefusalCode.CertificateTooLarge, "The client sent more certificates than are read; the handshake was ended.",
        "Send the client certificate with its own intermediates only.", accountId, host, remoteAddress);

    public static Refusal MtlsRequired(EndpointRule rule, string host, string remoteAddress) => new(
        RefusalCode.MtlsRequired, $"Account {rule.AccountId} accepts delegates with a client certificate only (STRICT), and {host} asks for none.",
        $"Set MANAGER_HOST_AND_PORT to https://{rule.Fqdn} (with its port) and configure the client certificate.", rule.AccountId, host, remoteAddress);

    public static Refusal HostMismatch(string serverName, string host, string remoteAddress, string? accountId) => new(
        RefusalCode.HostMismatch, $"The request is for host '{Bounded(host)}', the TLS connection for '{serverName}'.",
        "Use one name for both: one connection serves one host.", accountId, serverName, remoteAddress);

    public static Refusal AccountMismatch(string named, string endpointAccount, string host, string remoteAddress, PresentedCertificate? certificate) => new(
        RefusalCode.AccountMismatch, $"The request is for account '{Bounded(named)}', but {host} belongs to another account.",
        "Use the endpoint of the delegate's own account, or correct ACCOUNT_ID.", endpointAccount, host, remoteAddress, certificate);

    public static Refusal AmbiguousAccount(string host, string remoteAddress, string? accountId) => new(
        RefusalCode.AccountMismatch, "The request names more than one account.", "Name one account, once.", accountId, host, remoteAddress);

    // Constant words: this is what a client in a loop gets, thousands of times.
    public static Refusal TurnedAway(TurnAway why, string? accountId, string host, string remoteAddress) => why switch
    {
        TurnAway.RefusedTooOften => new(
            RefusalCode.RateLimited, "Attempts from this address were refused too often; more are turned away before the handshake until they become fewer.",
            "See the refusals before this one, and mend or stop the delegate that tries again and again.", accountId, host, remoteAddress),
        TurnAway.HasItsShare => new(
            RefusalCode.RateLimited, "So many connections are open of this account, or without a certificate from this address, that the rest is kept for others.",
            "See who keeps so many open; the operator can make room for more with the limit of open files (ulimit -n) and agent.limits.connections.", accountId, host, remoteAddress),
        _ => new(
            RefusalCode.RateLimited, "Too many handshakes are in progress at this endpoint.",
            "Delegates try again by themselves; if it lasts, see who connects so often, or raise agent.limits.handshakesPerEndpoint.", accountId, host, remoteAddress),
    };

    /// <summary>Peer text for a message: at most 128 characters, nothing but printable ASCII.</summary>
    internal static string Bounded(string text) =>
        string.Create(Math.Min(text.Length, 128), text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        });
}
