using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>Reads the environment into <see cref="DelegateSettings"/>, or into all that is wrong with it at once. The token is never part of a sentence.</summary>
internal sealed class SettingsReader
{
    internal const string DefaultCaBundleDirectory = "/opt/harness-delegate/ca-bundle";

    private static readonly string[] s_types = ["DOCKER", "KUBERNETES", "HELM_DELEGATE", "CE_KUBERNETES", "ECS", "SHELL_SCRIPT"];
    private readonly EnvironmentReader _env;

    private SettingsReader(IReadOnlyDictionary<string, string> environment) => _env = new EnvironmentReader(environment);

    /// <summary>Reads.</summary>
    /// <returns>The settings and no problems, or null and every problem as a sentence.</returns>
    internal static (DelegateSettings? Settings, IReadOnlyList<string> Problems) Read(IReadOnlyDictionary<string, string> environment, string machineName)
    {
        var reader = new SettingsReader(environment);
        var settings = reader.Read(machineName);
        return reader._env.Problems.Count == 0 ? (settings, []) : (null, reader._env.Problems);
    }

    private DelegateSettings? Read(string machineName)
    {
        var account = _env.Required("ACCOUNT_ID", "the id of the account this delegate works for");
        if (account is not null && !(account.Length <= 64 && account.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')))
            _env.Problem($"ACCOUNT_ID is “{account}”: 1 to 64 letters, digits, _ and - are legal.");
        var token = Token();
        var manager = Manager();
        var (certificate, key) = Certificate(manager);
        RefuseTrustAll();
        var services = manager is null ? null : ServiceAddresses.Read(_env, manager, certificate is not null);
        var settings = new DelegateSettings
        {
            AccountId = account ?? "",
            Token = token!,
            Manager = manager!,
            Services = services!,
            HostName = _env.Optional("DELEGATE_HOST_NAME") ?? machineName,
            Name = _env.Optional("DELEGATE_NAME") ?? machineName,
            Type = _env.OneOf("DELEGATE_TYPE", s_types, "DOCKER"),
            NextGen = _env.Flag("NEXT_GEN", whenUnset: true),
            Tags = (_env.Optional("DELEGATE_TAGS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Description = _env.Optional("DELEGATE_DESCRIPTION"),
            GroupName = _env.Optional("DELEGATE_GROUP_NAME"),
            OrgIdentifier = _env.Optional("DELEGATE_ORG_IDENTIFIER"),
            ProjectIdentifier = _env.Optional("DELEGATE_PROJECT_IDENTIFIER"),
            CertificatePath = certificate,
            CertificateKeyPath = key,
            CaBundleDirectory = _env.Optional("DELEGATE_CA_BUNDLE_DIR") ?? DefaultCaBundleDirectory,
            Proxy = manager is null ? null : new ProxyReader(_env).Read(manager),
            TaskCapacity = _env.Number("DELEGATE_TASK_CAPACITY", 1, 1000, 10),
            HealthPort = _env.Number("DELEGATE_HEALTH_PORT", 0, 65535, 3460),
            WorkingDirectory = _env.Optional("DELEGATE_WORKING_DIR") ?? Path.GetTempPath(),
            StopGrace = TimeSpan.FromSeconds(_env.Number("DELEGATE_STOP_GRACE", 0, 86400, 600)),
        };
        _env.OneOf("DELEGATE_LOG_FORMAT", ["text", "json"], "text");
        return settings;
    }

    private DelegateToken? Token()
    {
        // ACCOUNT_SECRET is the old name (sheet §8.1).
        var name = _env.Optional("DELEGATE_TOKEN") is null && _env.Optional("ACCOUNT_SECRET") is not null ? "ACCOUNT_SECRET" : "DELEGATE_TOKEN";
        var text = _env.Required(name, "a delegate token of the account");
        if (text is null)
            return null;
        if (!DelegateToken.TryParse(text, out var token))
            _env.Problem($"{name} is not a delegate token: it must be 32 hex digits, or base64 of them ({text.Length} characters were given).");
        return token;
    }

    private ManagerAddress? Manager()
    {
        var text = _env.Required("MANAGER_HOST_AND_PORT", "the manager's address, for example https://customer1.agent.example.io:8443");
        if (text is null)
            return null;
        if (!ManagerAddress.TryParse(text, out var manager, out var problem))
            _env.Problem($"MANAGER_HOST_AND_PORT is “{EnvironmentReader.WithoutUser(text)}”: it {problem}.");
        return manager;
    }

    private (string? Certificate, string? Key) Certificate(ManagerAddress? manager)
    {
        const string CertificateName = "DELEGATE_CLIENT_CERTIFICATE_PATH";
        const string KeyName = "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH";
        var certificate = _env.Optional(CertificateName);
        var key = _env.Optional(KeyName);
        if (certificate is null != key is null)
        {
            var (set, missing) = certificate is null ? (KeyName, CertificateName) : (CertificateName, KeyName);
            _env.Problem($"{set} is set and {missing} is not: set both for mTLS, or neither.");
        }

        if (certificate is not null && manager is { IsTls: false })
            _env.Problem($"{CertificateName} is set, but MANAGER_HOST_AND_PORT is {manager}: a certificate can be shown over https only.");
        return (certificate, key);
    }

    private void RefuseTrustAll()
    {
        if (_env.Optional("TRUST_ALL_CERTIFICATES") is { } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase))
            _env.Problem("TRUST_ALL_CERTIFICATES is set: this delegate always verifies the server. Unset it, and put the server's root certificate into DELEGATE_CA_BUNDLE_DIR.");
    }
}
