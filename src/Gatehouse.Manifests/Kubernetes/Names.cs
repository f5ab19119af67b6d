namespace Gatehouse.Manifests.Kubernetes;

/// <summary>Names of the public documentation that manifests are made of.</summary>
internal static class Names
{
    public const string Manager = "MANAGER_HOST_AND_PORT";
    public const string LogService = "LOG_STREAMING_SERVICE_URL";
    public const string TiService = "TI_SERVICE_URL";
    public const string Certificate = "DELEGATE_CLIENT_CERTIFICATE_PATH";
    public const string Key = "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH";
    public const string GrpcAuthority = "GRPC_AUTHORITY_MODIFICATION_DISABLED";

    /// <summary>Of the upgrader's <c>config.yaml</c>.</summary>
    public const string ManagerHost = "managerHost";

    /// <inheritdoc cref="ManagerHost"/>
    public const string CertificateFile = "clientCertificateFilePath";

    /// <inheritdoc cref="ManagerHost"/>
    public const string KeyFile = "clientCertificateKeyFilePath";

    /// <summary>Where the Secret is mounted.</summary>
    public const string MountPath = "/etc/mtls";

    /// <summary>The volume's name where there is none yet.</summary>
    public const string Volume = "client-certificate";

    /// <summary>Our annotation: what stood there before, so that it can be put back. Its value is a JSON object, or <see cref="Absent"/>.</summary>
    public const string Annotation = "gatehouse/before-mtls";

    /// <summary>The annotation's value on an object, or its text for a place, that was not there at all.</summary>
    public const string Absent = "absent";
}
