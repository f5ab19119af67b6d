using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Flags;

namespace Gatehouse.Manager.Tasks;

/// <summary>
/// Decides which service addresses a task is told (protocol sheet §10). With <c>CI_OVERRIDE_SERVICE_URLS</c> they lie behind the name and port that the
/// delegate came through, as the gateway verified them; without it they are the operator's. The manager knows the mode, so it is the one that keeps a
/// STRICT account's steps from a host that would turn them away; the delegate knows its own variables, so it has the last word (docs/operate/services.md).
/// </summary>
internal sealed class TaskServiceAddresses(FlagRegistry flags, TrustRegistry trust, IServiceTokenIssuer tokens, ManagerOptions options)
{
    public TaskServices For(string accountId, IAgentOrigin origin)
    {
        var tiToken = tokens.Issue(AgentService.TestIntelligence, accountId);
        if (flags.IsOn(accountId, KnownFlags.CiOverrideServiceUrls))
        {
            return new TaskServices
            {
                Overridden = true,
                LogUrl = Behind(origin, "/log-service"),
                TiUrl = Behind(origin, "/ti-service"),
                StoUrl = Behind(origin, options.StoServicePath),
                ScsUrl = Behind(origin, options.ScsServicePath),
                TiToken = tiToken,
            };
        }

        // Whoever may not come without a certificate is told no address but his own endpoint's: at any other he would have none to show.
        var rule = trust.RuleOf(accountId);
        var own = Admission.Decide(rule, null, accountId).IsAccepted ? null : rule!.Fqdn;
        return new TaskServices
        {
            LogUrl = Configured(options.LogServiceUrl, own),
            TiUrl = Configured(options.TiServiceUrl, own),
            StoUrl = Configured(options.StoServiceUrl, own),
            ScsUrl = Configured(options.ScsServiceUrl, own),
            TiToken = tiToken,
            Withheld = own is null ? null : Withheld(accountId),
        };
    }

    /// <summary>What STRICT does, or would do, to steps of the account: a sentence for who is about to switch it on; null when it takes nothing from them.</summary>
    public string? WhatStrictTakes(EndpointRule rule) =>
        flags.IsOn(rule.AccountId, KnownFlags.CiOverrideServiceUrls) || !Configured().Any(url => Configured(url, rule.Fqdn) is null)
            ? null
            : $"The flag {KnownFlags.CiOverrideServiceUrls} is off: under STRICT steps are not told the configured addresses of services, and those that need one fail. " +
              $"Switch it on (gatehouse flag set {KnownFlags.CiOverrideServiceUrls} --account {rule.AccountId} on), or set LOG_STREAMING_SERVICE_URL and TI_SERVICE_URL on every delegate.";

    private IEnumerable<string> Configured() =>
        ((string?[])[options.LogServiceUrl, options.TiServiceUrl, options.StoServiceUrl, options.ScsServiceUrl]).OfType<string>();

    private static string Behind(IAgentOrigin origin, string path) => $"https://{origin.HostAndPort}{path}/";

    private static string? Configured(string? url, string? onlyAt) =>
        url is null || (onlyAt is not null && !IsAt(new Uri(url), onlyAt)) ? null : url.TrimEnd('/') + "/";

    private static bool IsAt(Uri url, string host) =>
        url.Scheme == Uri.UriSchemeHttps && string.Equals(url.IdnHost, host, StringComparison.OrdinalIgnoreCase);

    private static string Withheld(string accountId) =>
        $"Account {accountId} is STRICT and its flag {KnownFlags.CiOverrideServiceUrls} is off, so its steps are not sent to a host without mutual TLS. " +
        $"Switch the flag on (gatehouse flag set {KnownFlags.CiOverrideServiceUrls} --account {accountId} on), or set LOG_STREAMING_SERVICE_URL and TI_SERVICE_URL " +
        "on the delegate; STO and SCS steps need the flag.";
}
