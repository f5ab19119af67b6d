using System.Globalization;
using System.Net;
using Gatehouse.LogService;
using Gatehouse.Server.Hosting;
using Gatehouse.Tls;

namespace Gatehouse.Server.Configuration;

/// <summary>Turns texts into a <see cref="ServerConfiguration"/> and reports everything that is wrong at once.</summary>
internal sealed class ServerConfigurationParser(IReadOnlyList<ConfiguredValue> values)
{
    private static readonly string[] s_neededRoles = ["gateway", "manager"];
    private static readonly string[] s_roles = [.. s_neededRoles, "log-service", "ti-service"];
    private static readonly string[] s_laterRoles = ["console"];
    private static readonly string[] s_serviceSecrets = ["services.logServiceSecret", "services.logServiceGlobalToken", "services.tiServiceSecret", "services.tiServiceGlobalToken"];
    private static readonly string[] s_takenPaths = ["/api", "/stream", "/gateway", "/log-service", "/ti-service"];
    private readonly List<string> _problems = [];

    /// <exception cref="ConfigurationException">One or more values cannot be used.</exception>
    public ServerConfiguration Parse()
    {
        var roles = Roles();
        var refusal = Choice("agent.refusal", ("explain", RefusalForm.Explain), ("alert", RefusalForm.Alert));
        var engine = Choice("agent.tls.engine", ("auto", TlsEngineKind.Auto), ("openssl", TlsEngineKind.OpenSsl), ("sslstream", TlsEngineKind.SslStream));
        if (refusal == RefusalForm.Alert && (engine == TlsEngineKind.SslStream || (engine == TlsEngineKind.Auto && !OperatingSystem.IsLinux())))
            Problem("agent.refusal", "the portable TLS engine sends no alerts of its own: set it to 'explain', or agent.tls.engine to 'openssl'");
        if (Text("database.provider") != "sqlite")
            Problem("database.provider", "this version stores on 'sqlite' only");
        var data = Path.GetFullPath(Text("dataDirectory")!);
        var certificate = Text("agent.certificate.path");
        var key = Text("agent.certificate.keyPath");
        if (certificate is null != key is null)
            Problem(certificate is null ? "agent.certificate.keyPath" : "agent.certificate.path", "the certificate and its key (agent.certificate.path and .keyPath) belong together: set both, or neither");
        if (Text("cluster.secret") is { Length: < 32 })
            _problems.Add("cluster.secret: too short; use at least 32 random characters (openssl rand -hex 32).");
        foreach (var secret in s_serviceSecrets.Where(secret => Text(secret) is { Length: < 32 }))
            _problems.Add($"{secret}: too short; use at least 32 random characters (openssl rand -hex 32).");

        var configuration = new ServerConfiguration
        {
            DataDirectory = data,
            AgentListen = EndPoint("agent.listen", Text("agent.listen")!),
            PublicPort = Text("agent.publicPort") is null ? null : Number("agent.publicPort", 1, 65535),
            AgentDomain = DnsName("agent.domain", Text("agent.domain")!),
            SharedHosts = [.. Text("agent.sharedHosts")!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(host => DnsName("agent.sharedHosts", host)).Distinct()],
            CertificatePath = certificate,
            CertificateKeyPath = key,
            Refusal = refusal,
            TlsEngine = engine,
            LegacyKeyDecoder = Choice("agent.tls.legacyKeyDecoder", ("auto", LegacyKeyDecoderMode.Auto), ("on", LegacyKeyDecoderMode.On), ("off", LegacyKeyDecoderMode.Off)),
            TlsSessions = Number("agent.tls.sessions", 1, 1_000_000),
            TicketKeys = Text("agent.tls.ticketKeys"),
            Resumption = Choice("agent.tls.resumption", ("stateful", ResumptionForm.Stateful), ("tickets", ResumptionForm.Tickets), ("off", ResumptionForm.Off)),
            Connections = Number("agent.limits.connections", 0, OpenFiles.MostConnections),
            Handshakes = Number("agent.limits.handshakes", 16, 1_000_000),
            HandshakesPerEndpoint = Number("agent.limits.handshakesPerEndpoint", 2, 1_000_000),
            RefusalsPerSecond = Number("agent.limits.refusalsPerSecond", 0, 100_000),
            ForwardClientCertificate = Flag("agent.forwardClientCertificate"),
            OperatorListen = OperatorEndPoint(),
            OperatorKeyFile = Path.GetFullPath(Text("operator.bootstrapKeyFile") ?? Path.Combine(data, "operator.key")),
            ConnectionString = Text("database.connectionString"),
            RedisConnectionString = Redis(),
            S3 = Choice("blobs.provider", ("filesystem", false), ("s3", true)) ? S3() : null,
            BlobRetention = Number("blobs.retentionDays", 0, 36_500) is > 0 and var days ? TimeSpan.FromDays(days) : null,
            BlobQuota = Mebibytes("blobs.accountQuotaMiB") is > 0 and var blobs ? blobs : null,
            TiQuota = Mebibytes("ti.accountQuotaMiB") is > 0 and var rows ? rows : null,
            FreeSpaceFloor = Mebibytes("storage.freeSpaceMiB"),
            Manager = Address("services.manager"),
            LogService = Address("services.logService"),
            LogServiceIsHere = roles.Contains("log-service") && Text("services.logService") is null,
            LogServiceSecret = Text("services.logServiceSecret"),
            LogServiceGlobalToken = Text("services.logServiceGlobalToken"),
            TiService = Address("services.tiService"),
            TiServiceIsHere = roles.Contains("ti-service") && Text("services.tiService") is null,
            TiServiceSecret = Text("services.tiServiceSecret"),
            TiServiceGlobalToken = Text("services.tiServiceGlobalToken"),
            StoService = Address("services.stoService"),
            StoPath = PathOf("services.stoPath"),
            ScsService = Address("services.scsService"),
            ScsPath = PathOf("services.scsPath"),
            LogServiceUrl = TaskAddress("services.logServiceUrl"),
            TiServiceUrl = TaskAddress("services.tiServiceUrl"),
            StoServiceUrl = TaskAddress("services.stoServiceUrl"),
            ScsServiceUrl = TaskAddress("services.scsServiceUrl"),
            TiAgents = Text("ti.agents") is { } agents ? Path.GetFullPath(agents) : null,
            TiReportRetention = TimeSpan.FromDays(Number("ti.reportRetentionDays", 1, 3650)),
            TiGraphRetention = TimeSpan.FromDays(Number("ti.graphRetentionDays", 1, 3650)),
            ClusterSecret = Text("cluster.secret"),
            DelegateImage = Text("upgrades.delegateImage"),
            MtlsImages = (Text("upgrades.mtlsImages") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            UpgraderImage = Text("upgrades.upgraderImage"),
            LogLevel = Level(),
        };
        if (configuration.StoPath == configuration.ScsPath)
            Problem("services.scsPath", "the STO service has this path");
        foreach (var host in configuration.SharedHosts.Where(h => h.EndsWith("." + configuration.AgentDomain, StringComparison.Ordinal)))
            Problem("agent.sharedHosts", $"{host} lies under agent.domain ({configuration.AgentDomain}), whose names belong to accounts");

        return _problems.Count == 0 ? configuration : throw new ConfigurationException(_problems);
    }

    private string? Redis()
    {
        const string Key = "redis.connectionString";
        if (Text(Key) is not { } text || LogServiceOptions.IsRedisConnectionString(text))
            return Text(Key);
        Problem(Key, "use host:port and options after commas, for example redis.example.io:6379,password=…,ssl=true");
        return null;
    }

    private S3Options? S3()
    {
        if (Text("blobs.s3.bucket") is not { } bucket)
            Problem("blobs.s3.bucket", "blobs.provider is s3: name the bucket");
        else if (Text("blobs.s3.accessKeyId") is null != Text("blobs.s3.secretAccessKey") is null)
            Problem("blobs.s3.accessKeyId", "it and blobs.s3.secretAccessKey belong together: set both, or neither");
        else
        {
            return new S3Options
            {
                Endpoint = Address("blobs.s3.endpoint"),
                Bucket = bucket,
                Region = Text("blobs.s3.region")!,
                Prefix = Text("blobs.s3.prefix") ?? "",
                PathStyle = Flag("blobs.s3.pathStyle"),
                AccessKeyId = Text("blobs.s3.accessKeyId"),
                SecretAccessKey = Text("blobs.s3.secretAccessKey"),
            };
        }
        return null;
    }

    private string? Text(string key) => values.First(v => v.Key.Name == key).Value;

    private void Problem(string key, string wayOut)
    {
        var value = values.First(v => v.Key.Name == key);
        _problems.Add($"{key}: '{(value.Key.IsSecret ? "***" : value.Value)}' ({value.Source}): {wayOut}.");
    }

    private T Choice<T>(string key, params (string Text, T Value)[] choices)
    {
        foreach (var (text, value) in choices)
        {
            if (Text(key) == text)
                return value;
        }
        Problem(key, $"it is one of {string.Join(", ", choices.Select(choice => choice.Text))}");
        return choices[0].Value;
    }

    private int Number(string key, int lowest, int highest)
    {
        if (int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest)
            return number;
        Problem(key, string.Create(CultureInfo.InvariantCulture, $"it is a whole number from {lowest} to {highest}"));
        return lowest;
    }

    private long Mebibytes(string key) => Number(key, 0, int.MaxValue) * 1024L * 1024;

    private string[] Roles()
    {
        var roles = Text("roles")!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var role in roles.Except(s_roles))
        {
            Problem("roles", s_laterRoles.Contains(role)
                ? $"role {role} is not part of this version; it has {string.Join(", ", s_roles)}"
                : $"there is no role {role}; this version has {string.Join(", ", s_roles)}");
        }
        if (!s_neededRoles.All(roles.Contains))
            Problem("roles", "this version runs gateway and manager together in one process; leave the key out");
        return roles;
    }

    private bool Flag(string key)
    {
        if (bool.TryParse(Text(key), out var on))
            return on;
        Problem(key, "use true or false");
        return false;
    }

    private LogLevel Level()
    {
        if (Enum.TryParse<LogLevel>(Text("log.level"), ignoreCase: true, out var level) && level is >= LogLevel.Trace and <= LogLevel.Error)
            return level;
        Problem("log.level", "use Trace, Debug, Information, Warning or Error");
        return LogLevel.Information;
    }

    private string DnsName(string key, string value)
    {
        var name = value.ToLowerInvariant().TrimEnd('.');
        var valid = name.Length is > 0 and <= 253 && name.Split('.').All(label =>
            label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');
        if (!valid)
            Problem(key, $"'{value}' is no DNS name");
        return name;
    }

    private IPEndPoint EndPoint(string key, string value)
    {
        // "*:8443" and "localhost:8443" are what people write, too.
        var text = value.Replace("localhost:", "127.0.0.1:", StringComparison.OrdinalIgnoreCase);
        text = text.StartsWith("*:", StringComparison.Ordinal) ? "0.0.0.0" + text[1..] : text;
        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endPoint))
            return endPoint;
        Problem(key, "use address:port, for example 0.0.0.0:8443 or [::]:8443");
        return new IPEndPoint(IPAddress.Loopback, 0);
    }

    private IPEndPoint OperatorEndPoint()
    {
        const string Key = "operator.listen";
        var text = Text(Key)!;
        if (!Uri.TryCreate(text.Replace("*", "0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.AbsolutePath != "/")
        {
            Problem(Key, "use http://address:port, for example http://127.0.0.1:8080");
            return new IPEndPoint(IPAddress.Loopback, 0);
        }
        var port = uri.IsDefaultPort && !text.EndsWith(":80", StringComparison.Ordinal) ? 8080 : uri.Port;
        var endPoint = EndPoint(Key, string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{port}"));
        if (!IPAddress.IsLoopback(endPoint.Address) && !Flag("operator.dangerousAllowRemote"))
            Problem(Key, "the operator API is plain HTTP and stays on loopback; put TLS in front, or set operator.dangerousAllowRemote to true");
        return endPoint;
    }

    /// <summary>A path of the agent listener that is nobody's yet.</summary>
    private string PathOf(string key)
    {
        var path = Text(key)!;
        if (path.Length < 2 || path[0] != '/' || !path[1..].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            Problem(key, "use a slash and lower-case letters, digits, '-' and '_', for example /sto-service");
        if (s_takenPaths.Contains(path))
            Problem(key, "this path is another service's");
        return path;
    }

    /// <summary>An address that is handed out; user and query would be lost when something is appended to it.</summary>
    private Uri? TaskAddress(string key)
    {
        var address = Address(key);
        if (address is not null && address.UserInfo.Length + address.Query.Length + address.Fragment.Length > 0)
            Problem(key, "leave out user, query and fragment");
        return address;
    }

    private Uri? Address(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
            return uri;
        Problem(key, "use an address such as http://10.0.0.5:9090");
        return null;
    }
}
