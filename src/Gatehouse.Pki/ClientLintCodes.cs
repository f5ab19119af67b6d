namespace Gatehouse.Pki;

/// <summary>The stable codes of <see cref="ClientLint"/>, besides those it shares with <see cref="CaBundleCodes"/>.</summary>
public static class ClientLintCodes
{
    /// <summary>Error: no certificate in the file.</summary>
    public const string NoCertificate = "no_certificate";

    /// <summary>Error: the certificate is a CA's; the CA's key does not belong on a delegate.</summary>
    public const string CaCertificate = "ca_certificate";

    /// <summary>Error: extended key usage is present and lacks clientAuth.</summary>
    public const string Purpose = "purpose";

    /// <summary>Error: no certificate of the file belongs to the key.</summary>
    public const string KeyMismatch = "key_mismatch";

    /// <summary>Error: the key cannot be read, or is encrypted: delegates take no password.</summary>
    public const string KeyUnusable = "key_unusable";

    /// <summary>Warning: X.509 v1, as the documented recipe makes it: nothing says what it is for.</summary>
    public const string VersionOne = "version_1";

    /// <summary>Warning: no extended key usage: the certificate is good for servers, too.</summary>
    public const string NoPurpose = "no_purpose";

    /// <summary>Warning: no authority key identifier: two CAs of one name cannot be told apart.</summary>
    public const string NoKeyIdentifier = "no_key_identifier";

    /// <summary>Warning: valid for more than <see cref="ClientLint.LongestDays"/> days.</summary>
    public const string LongValidity = "long_validity";

    /// <summary>Warning: the leaf is not the first certificate of the file; many programs show the first.</summary>
    public const string Order = "order";

    /// <summary>Warning: a self-signed root is sent along for nothing.</summary>
    public const string RootInChain = "root_in_chain";

    /// <summary>Warning: the private key is in the certificate's file.</summary>
    public const string KeyInside = "key_inside";
}
