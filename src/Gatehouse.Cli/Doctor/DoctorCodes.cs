namespace Gatehouse.Cli.Doctor;

/// <summary>Codes of what can be wrong on a delegate's machine and on the way to the gateway. The gateway's own refusal codes are used as they are.</summary>
internal static class DoctorCodes
{
    public const string AddressUnusable = "address_unusable";
    public const string AddressHttp = "address_http";
    public const string AddressPath = "address_path";
    public const string Placeholder = "placeholder";
    public const string ServiceElsewhere = "service_elsewhere";
    public const string ProxyUnusable = "proxy_unusable";
    public const string HalfPair = "half_pair";

    public const string FileMissing = "file_missing";
    public const string FileIsFolder = "file_is_folder";
    public const string FileUnreadable = "file_unreadable";
    public const string FileUnusable = "file_unusable";
    public const string NoCertificate = "no_certificate";
    public const string KeyReadableByAll = "key_readable_by_all";
    public const string SingleFileMount = "single_file_mount";
    public const string NotTakenOver = "not_taken_over";

    public const string ClockWrong = "clock_wrong";

    public const string NameUnknown = "name_unknown";
    public const string ConnectionRefused = "connection_refused";
    public const string ConnectionTimedOut = "connection_timed_out";
    public const string NotReachable = "not_reachable";
    public const string ProxyNotReachable = "proxy_not_reachable";
    public const string ProxyPassword = "proxy_password";
    public const string ProxyRefuses = "proxy_refuses";
    public const string ProxyIsNone = "proxy_is_none";
    public const string ProxyNotTrusted = "proxy_not_trusted";
    public const string NotTls = "not_tls";
    public const string TlsFailed = "tls_failed";

    public const string TlsInspection = "tls_inspection";
    public const string ServerName = "server_certificate_name";
    public const string ServerOutOfDate = "server_certificate_out_of_date";
    public const string ServerNotTrusted = "server_certificate_not_trusted";
    public const string CertificateNotRequested = "certificate_not_requested";

    public const string ClosedWithoutAnswer = "closed_without_answer";
    public const string NoGateway = "no_gateway";
    public const string OtherHost = "other_host";
    public const string PathMissing = "path_missing";
    public const string TokenMalformed = "token_malformed";
    public const string TokenRefused = "token_refused";
}
