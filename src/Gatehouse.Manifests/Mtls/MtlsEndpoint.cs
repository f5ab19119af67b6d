namespace Gatehouse.Manifests.Mtls;

/// <summary>The account's mTLS endpoint as delegates are told it.</summary>
public sealed record MtlsEndpoint
{
    private MtlsEndpoint(Uri uri)
    {
        ManagerHost = uri.GetLeftPart(UriPartial.Authority);
        Manager = ManagerHost + uri.AbsolutePath.TrimEnd('/');
    }

    /// <summary><c>MANAGER_HOST_AND_PORT</c>: without a slash at its end.</summary>
    public string Manager { get; }

    /// <summary>The upgrader's <c>managerHost</c>: without a path.</summary>
    public string ManagerHost { get; }

    /// <summary><c>LOG_STREAMING_SERVICE_URL</c>.</summary>
    public string LogService => Manager + "/log-service/";

    /// <summary><c>TI_SERVICE_URL</c>.</summary>
    public string TiService => Manager + "/ti-service/";

    /// <summary>Reads an address.</summary>
    /// <exception cref="ManifestException">It is no https address, or has parts that an endpoint's address has not.</exception>
    public static MtlsEndpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fault = !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 ? "is not an address"
            : uri.Scheme == Uri.UriSchemeHttp ? "begins with http: without TLS there is no client certificate"
            : uri.Scheme != Uri.UriSchemeHttps ? "does not begin with https"
            : uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length > 0 ? "has a user, a query or a fragment"
            : uri.AbsolutePath.Contains("//", StringComparison.Ordinal) ? "has two slashes in a row"
            : text.Any(character => char.IsWhiteSpace(character) || char.IsControl(character) || character is '<' or '>' or '"' or '\'' or '\\') ? "has characters that no address has"
            : null;
        return fault is null
            ? new MtlsEndpoint(uri!)
            : throw new ManifestException($"'{WithoutUser(text)}' {fault}. Give the endpoint as https and its host, for example https://customer1.agent.example.io or https://customer1.agent.example.io:8443.");
    }

    // By the text alone: what is no address may hold a password, too.
    private static string WithoutUser(string text)
    {
        var at = text.LastIndexOf('@');
        var start = text.IndexOf("://", StringComparison.Ordinal);
        return at < 0 ? text : $"{(start >= 0 && start < at ? text[..(start + 3)] : "")}***{text[at..]}";
    }
}
