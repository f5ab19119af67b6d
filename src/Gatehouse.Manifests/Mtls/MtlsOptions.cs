namespace Gatehouse.Manifests.Mtls;

/// <summary>What a manifest's delegates are to be given.</summary>
public sealed record MtlsOptions
{
    /// <summary>The account's endpoint.</summary>
    public required MtlsEndpoint Endpoint { get; init; }

    /// <summary>The Secret with the pair; null: the one that is mounted already, or <c>client-certificate</c>.</summary>
    public string? SecretName { get; init; }

    /// <summary>The names of certificate and key in the Secret; null: those that are set already, or <c>client.crt</c> and <c>client.key</c>.</summary>
    public SecretKeys? Keys { get; init; }

    /// <summary>Leave the addresses of log and TI service alone: the account's flag <c>CI_OVERRIDE_SERVICE_URLS</c> derives them.</summary>
    public bool OverrideServiceUrls { get; init; }

    /// <summary>The delegate's container, where nothing in the manifest tells it.</summary>
    public string? Container { get; init; }

    /// <summary>Patterns of images that are taken whatever their tag.</summary>
    public IReadOnlyList<string> AllowedImages { get; init; } = [];

    /// <summary>The pair, when the Secret is to be part of the manifest.</summary>
    public ClientPair? Pair { get; init; }
}

/// <summary>The names of certificate and key in a Secret.</summary>
public sealed record SecretKeys(string Certificate, string Key)
{
    /// <summary>The public documentation's names.</summary>
    public static SecretKeys Documented { get; } = new("client.crt", "client.key");

    /// <summary>Those of Secrets of the type <c>kubernetes.io/tls</c>.</summary>
    public static SecretKeys Tls { get; } = new("tls.crt", "tls.key");

    /// <summary>Reads <c>client.crt,client.key</c>.</summary>
    /// <exception cref="ManifestException">They are not two different names that a Secret can have.</exception>
    public static SecretKeys Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(',') is [{ } certificate, { } key] && certificate != key && IsName(certificate) && IsName(key)
            ? new SecretKeys(certificate, key)
            : throw new ManifestException($"'{text}' is not the names of certificate and key. Give two names with a comma between, for example client.crt,client.key or tls.crt,tls.key.");
    }

    private static bool IsName(string name) =>
        name is { Length: > 0 and <= 253 } and not "." and not ".." && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');
}

/// <summary>A client certificate and its key, PEM.</summary>
public sealed record ClientPair(string CertificatePem, string KeyPem)
{
    /// <summary>Never the key.</summary>
    public override string ToString() => "a client certificate and its key";
}
