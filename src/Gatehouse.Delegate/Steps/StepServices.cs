using System.Text;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Delegate;

/// <summary>
/// Where one task's steps find the services. For log and TI the delegate's own variable wins, whatever the manager says; else it is what the task was told.
/// STO and SCS have no variable: they are only ever told. An address that the manager withholds is not made up here.
/// </summary>
internal sealed class StepServices
{
    /// <summary>As the Go engine of build pods reads it.</summary>
    private const string OverrideVariable = "HARNESS_CI_OVERRIDE_SERVICE_URLS_FF";
    private const string LogTokenVariable = "HARNESS_LOG_SERVICE_TOKEN";
    private const string TiTokenVariable = "HARNESS_TI_SERVICE_TOKEN";
    private const string AccountVariable = "HARNESS_ACCOUNT_ID";

    /// <summary>What is set here and nowhere else: a value that the delegate itself was started with is not handed on.</summary>
    internal static readonly IReadOnlyList<string> Variables =
        [.. StepService.All.Select(service => service.EndpointVariable), LogTokenVariable, TiTokenVariable, OverrideVariable];

    private readonly Dictionary<StepService, string> _addresses = [];
    private readonly DelegateTaskPackage _package;
    private readonly string _account;

    internal StepServices(DelegateTaskPackage package, ServiceAddresses own, string account)
    {
        (_package, _account) = (package, account);
        var told = package.Services;
        Take(StepService.Log, own.IsLogSet ? own.Log.AbsoluteUri : told?.LogUrl);
        Take(StepService.Ti, own.IsTiSet ? own.Ti.AbsoluteUri : told?.TiUrl);
        Take(StepService.Sto, told?.StoUrl);
        Take(StepService.Scs, told?.ScsUrl);
    }

    /// <summary>The manager withheld addresses, and this delegate has no variable for at least one of log and TI.</summary>
    internal bool IsWithheld => _package.Services?.Withheld is not null && StepService.All.Any(service => !_addresses.ContainsKey(service));

    /// <summary>A step may have to show the client certificate.</summary>
    internal bool AreTls => _addresses.Values.Any(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));

    /// <summary>Why a script must not run: it needs an address that there is none for. Null when it may.</summary>
    /// <param name="script">Its text: what it names it uses.</param>
    /// <param name="additions">Variables of its own; they count as addresses where the task's author wrote them.</param>
    /// <param name="needed">The service that is the purpose of its type; its address is only ever the told one.</param>
    internal string? WhyNot(string script, IReadOnlyDictionary<string, string>? additions, StepService? needed)
    {
        if (needed is not null && !_addresses.ContainsKey(needed))
            return $"This step needs {needed.Name}, and its task tells no address of it. {_package.Services?.Withheld ?? $"The operator names one with {needed.ConfigurationKey}, or switches the flag CI_OVERRIDE_SERVICE_URLS of the account on."}";
        if (_package.Services?.Withheld is not { } withheld)
            return null;
        var missing = StepService.All.FirstOrDefault(service =>
            !_addresses.ContainsKey(service) && additions?.ContainsKey(service.EndpointVariable) != true && script.Contains(service.EndpointVariable, StringComparison.Ordinal));
        return missing is null ? null : $"The script uses {missing.EndpointVariable}, and there is no address of {missing.Name} for it. {withheld}";
    }

    /// <summary>Adds addresses, and the tokens of services that have one. Without a slash at the end: steps append <c>/healthz</c>.</summary>
    internal void AddTo(Dictionary<string, string> environment)
    {
        if (_addresses.Count == 0)
            return;
        environment[AccountVariable] = _account;
        foreach (var (service, address) in _addresses)
            environment[service.EndpointVariable] = address;
        if (_package.Services?.Overridden == true)
            environment[OverrideVariable] = "true";
        if (_addresses.ContainsKey(StepService.Log) && _package.Logging?.Token is { Length: > 0 } log)
            environment[LogTokenVariable] = log;
        if (_addresses.ContainsKey(StepService.Ti) && _package.Services?.TiToken is { Length: > 0 } ti)
            environment[TiTokenVariable] = InBase64(ti);
    }

    /// <summary>The tokens that a package brings, as steps may print them.</summary>
    internal static IEnumerable<string> TokensOf(DelegateTaskPackage package)
    {
        if (package.Logging?.Token is { Length: > 0 } log)
            yield return log;
        if (package.Services?.TiToken is not { Length: > 0 } ti)
            yield break;
        yield return ti;
        yield return InBase64(ti);
    }

    private static string InBase64(string token) => Convert.ToBase64String(Encoding.UTF8.GetBytes(token));

    /// <summary>The told address of a service; null when there is none.</summary>
    internal string? AddressOf(StepService service) => _addresses.GetValueOrDefault(service);

    private void Take(StepService service, string? address)
    {
        // Told by a peer: what is no address is none.
        if (address is not null && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            _addresses[service] = uri.AbsoluteUri.TrimEnd('/');
    }
}
