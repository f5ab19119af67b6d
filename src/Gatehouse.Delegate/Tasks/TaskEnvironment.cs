using Gatehouse.Client;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Delegate;

/// <summary>The environment of tasks: the delegate's own without its secrets, the task's additions, and what tells a task who it is.</summary>
internal sealed class TaskEnvironment
{
    /// <summary>Secrets, and what only the delegate itself has a use for.</summary>
    private static readonly HashSet<string> s_withheld =
    [
        "DELEGATE_TOKEN", "ACCOUNT_SECRET", "UPGRADER_TOKEN", "DELEGATE_CLIENT_CERTIFICATE_PATH", "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH",
        "PROXY_USER", "PROXY_PASSWORD", "INIT_SCRIPT", "GATEHOUSE_API_KEY", .. StepServices.Variables,
    ];

    private static readonly string[] s_proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    private readonly Dictionary<string, string> _base;

    /// <summary>Takes the delegate's own environment once.</summary>
    internal TaskEnvironment(IReadOnlyDictionary<string, string> own, DelegateSettings settings)
    {
        _base = own.Where(pair => !s_withheld.Contains(pair.Key))
            .ToDictionary(pair => pair.Key, pair => s_proxies.Contains(pair.Key) ? WithoutPassword(pair.Value) : pair.Value, StringComparer.Ordinal);
        _base["ACCOUNT_ID"] = settings.AccountId;
        _base["DELEGATE_NAME"] = settings.Name;
    }

    /// <summary>The environment of one task, or what is wrong with its additions. The package's secrets come last, so that nothing stands in their place.</summary>
    /// <param name="package">The task.</param>
    /// <param name="delegateId">Who runs it.</param>
    /// <param name="folder">Where.</param>
    /// <param name="additions">The task's own; they win over what comes before.</param>
    /// <param name="step">Adds what its step finds services with.</param>
    internal (Dictionary<string, string>? Environment, string? Problem) For(
        DelegateTaskPackage package, string delegateId, TaskFolder folder, IReadOnlyDictionary<string, string>? additions, Action<Dictionary<string, string>>? step = null)
    {
        var (secrets, problem) = TaskSecrets.Read(package);
        if (secrets is null)
            return (null, problem);
        var environment = new Dictionary<string, string>(_base, StringComparer.Ordinal);
        step?.Invoke(environment);
        foreach (var (name, value) in (additions ?? new Dictionary<string, string>()).Concat(secrets.Values))
        {
            if (name.Length == 0 || name.AsSpan().IndexOfAny('=', '\0') >= 0 || value.Contains('\0', StringComparison.Ordinal))
                return (null, $"The task's environment has a variable that cannot be set: “{name.Replace('\0', '?')}”.");
            environment[name] = value;
        }

        environment["TMPDIR"] = folder.Temporary;
        environment["GATEHOUSE_DELEGATE_ID"] = delegateId;
        environment["GATEHOUSE_TASK_TYPE"] = package.Type;
        environment["GATEHOUSE_TASK_ID"] = package.Id;
        return (environment, null);
    }

    private static string WithoutPassword(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? new OutboundProxy(uri, new ProxyBypass(null)).Address
            : address;
}
