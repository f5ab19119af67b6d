namespace Gatehouse.Server.Configuration;

/// <summary>One key that the server knows.</summary>
/// <param name="Name">Dotted, as in <c>gatehouse.yaml</c>.</param>
/// <param name="Default">In force when nothing sets it; null: unset.</param>
/// <param name="Description">One line for people.</param>
/// <param name="IsSecret">Masked wherever it is shown.</param>
internal sealed record ConfigurationKey(string Name, string? Default, string Description, bool IsSecret = false)
{
    /// <summary>All keys. One that is not here is an error that names it.</summary>
    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("dataDirectory", "./gatehouse-data", "SQLite, task output, logs, keys, generated development certificates."),
        new("roles", "gateway,manager,log-service,ti-service", "Roles of this process."),
        new("agent.listen", "0.0.0.0:8443", "TLS listener for delegates."),
        new("agent.publicPort", null, "Port at which delegates reach agent.listen, where ports are mapped; when unset, the one that each delegate dials."),
        new("agent.domain", "agent.localhost", "FQDN of an endpoint = prefix + '.' + this."),
        new("agent.sharedHosts", "gatehouse.localhost,localhost", "Names served without a client certificate."),
        new("agent.certificate.path", null, "PEM of the server certificate; generated when unset."),
        new("agent.certificate.keyPath", null, "PEM of its key."),
        new("agent.refusal", "explain", "How a client is turned away: 'explain' (403 with the reason) or 'alert' (the TLS handshake fails)."),
        new("agent.tls.engine", "auto", "What ends TLS: 'openssl' (libssl.so.3), 'sslstream' (portable), or 'auto': openssl on Linux."),
        new("agent.tls.legacyKeyDecoder", "auto", "OpenSSL's older, quicker key decoder: 'auto' (after a check at start), 'on' (no start without it) or 'off'."),
        new("agent.tls.resumption", "stateful", "TLS sessions: 'stateful' (kept here), 'tickets' (kept by clients, for several gateways) or 'off'. Engine openssl only."),
        new("agent.tls.sessions", "20000", "Stateful TLS sessions kept, over all endpoints."),
        new("agent.tls.ticketKeys", null, "File of ticket keys shared by gateways: 80 bytes in Base64 a line, the one in force first."),
        new("agent.limits.connections", "0", "Connections open at once; later ones are closed at once. 0: as many as the limit of open files leaves room for."),
        new("agent.limits.handshakes", "4096", "Connections that wait for their ClientHello, and handshakes in progress, at once."),
        new("agent.limits.handshakesPerEndpoint", "512", "Handshakes of one endpoint in progress at once; one address gets half."),
        new("agent.limits.refusalsPerSecond", "5", "Refused attempts a second of one address at one endpoint before it is turned away at the ClientHello; 0: no limit."),
        new("agent.forwardClientCertificate", "false", "Forward the verified client certificate to services elsewhere (RFC 9440)."),
        new("operator.listen", "http://127.0.0.1:8080", "Admin API, health and metrics."),
        new("operator.dangerousAllowRemote", "false", "Allow operator.listen on an address that is not loopback, without TLS."),
        new("operator.bootstrapKeyFile", null, "First operator API key; <dataDirectory>/operator.key when unset."),
        new("database.provider", "sqlite", "Only 'sqlite' in this version."),
        new("database.connectionString", null, "<dataDirectory>/gatehouse.db when unset.", IsSecret: true),
        new("redis.connectionString", null, "Redis for live log lines, so that several servers share them: host:port,password=…,ssl=true. In this process' memory when unset.", IsSecret: true),
        new("blobs.provider", "filesystem", "Where finished logs are kept: 'filesystem' (<dataDirectory>/logs/blobs) or 's3'."),
        new("blobs.s3.endpoint", null, "Address of the S3-compatible service; Amazon's when unset."),
        new("blobs.s3.bucket", null, "The bucket, which must be there."),
        new("blobs.s3.region", "us-east-1", "Region that requests are signed for."),
        new("blobs.s3.prefix", null, "Stands before the name of each object."),
        new("blobs.s3.pathStyle", "true", "The bucket is in the path (true) or in the host's name (false)."),
        new("blobs.s3.accessKeyId", null, "With its secret; unset: environment (AWS_*), ~/.aws/credentials, web identity, or the machine's role."),
        new("blobs.s3.secretAccessKey", null, "The secret of blobs.s3.accessKeyId.", IsSecret: true),
        new("blobs.retentionDays", "0", "Days a finished log is kept; 0: until it is deleted."),
        new("blobs.accountQuotaMiB", "20480", "MiB that the finished logs of one account may take, in files or with S3; 0: no bound."),
        new("storage.freeSpaceMiB", "512", "MiB of dataDirectory's disk that log and TI service leave free; 0: none."),
        new("services.manager", null, "Address of a manager elsewhere; in-process when unset."),
        new("services.logService", null, "Address of a log service elsewhere; in-process when unset."),
        new("services.logServiceSecret", null, "Signs log tokens and links; <dataDirectory>/log-service.secret when unset.", IsSecret: true),
        new("services.logServiceGlobalToken", null, "What may ask the log service for tokens; <dataDirectory>/log-service.token when unset.", IsSecret: true),
        new("services.tiService", null, "Address of a TI service elsewhere; in-process when unset."),
        new("services.tiServiceSecret", null, "Signs runners' tokens for the TI service; made and kept in <dataDirectory>/ti-service.secret when unset.", IsSecret: true),
        new("services.tiServiceGlobalToken", null, "With it a manager elsewhere fetches tokens of the TI service; without it nobody can.", IsSecret: true),
        new("services.stoService", null, "Address of the STO service; its path answers 404 when unset."),
        new("services.stoPath", "/sto-service", "Path of the STO service on the agent listener."),
        new("services.scsService", null, "Address of the SCS service; its path answers 404 when unset."),
        new("services.scsPath", "/scs-service", "Path of the SCS service on the agent listener."),
        new("services.logServiceUrl", null, "Log service address that tasks are told while CI_OVERRIDE_SERVICE_URLS is off."),
        new("services.tiServiceUrl", null, "TI service address that tasks are told while CI_OVERRIDE_SERVICE_URLS is off."),
        new("services.stoServiceUrl", null, "STO service address that tasks are told while CI_OVERRIDE_SERVICE_URLS is off."),
        new("services.scsServiceUrl", null, "SCS service address that tasks are told while CI_OVERRIDE_SERVICE_URLS is off."),
        new("ti.agents", null, "Folder of the agents that the TI service offers; <dataDirectory>/ti/agents when unset."),
        new("ti.reportRetentionDays", "30", "Days a test report is kept after it was last added to."),
        new("ti.graphRetentionDays", "90", "Days that call graphs and what is known of tests are kept after they were last uploaded."),
        new("ti.accountQuotaMiB", "4096", "MiB that the TI service keeps of one account; 0: no bound."),
        new("cluster.secret", null, "Proves to services elsewhere that a request came through this gateway.", IsSecret: true),
        new("upgrades.delegateImage", null, "Image reference that upgrade checks of delegates are answered with."),
        new("upgrades.mtlsImages", null, "Delegate images that can do mutual TLS whatever their tag: patterns, * for any text."),
        new("upgrades.upgraderImage", null, "Image reference that upgrade checks of upgraders are answered with."),
        new("log.level", "Information", "Trace, Debug, Information, Warning or Error."),
    ];
}
