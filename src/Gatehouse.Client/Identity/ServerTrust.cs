using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Client;

/// <summary>
/// Which server certificates are believed: the system's roots and, additionally, the roots in a folder. There is no switch that trusts
/// everything, and no network look-up of any kind.
/// </summary>
public sealed class ServerTrust
{
    private const string Setting = "DELEGATE_CA_BUNDLE_DIR";

    private readonly string? _place;

    private ServerTrust(X509Certificate2Collection extraRoots, string? place)
    {
        ExtraRoots = extraRoots;
        _place = place;
    }

    /// <summary>The system's roots only.</summary>
    public static ServerTrust SystemOnly { get; } = new([], null);

    /// <summary>Roots that count besides the system's.</summary>
    public X509Certificate2Collection ExtraRoots { get; }

    /// <summary>The extra roots as PEM; empty when there are none.</summary>
    public string ExportPem() => ExtraRoots.Count == 0 ? "" : ExtraRoots.ExportCertificatePems() + "\n";

    /// <summary>Reads every file of a folder as PEM or DER. A folder that is not there is empty.</summary>
    /// <param name="directory">The folder; subfolders are not read.</param>
    /// <param name="warn">Called with a sentence for every file that is skipped.</param>
    /// <param name="setting">The variable that names the folder, for sentences.</param>
    public static ServerTrust Load(string directory, Action<string> warn, string setting = Setting)
    {
        var roots = ServerRoots.Of(IdentityContents.Read(new IdentityFiles(null, null, directory)), directory);
        foreach (var sentence in roots.Skipped)
            warn(sentence);
        return new ServerTrust(roots.Trust.ExtraRoots, Place(directory, setting));
    }

    /// <summary>Trusts roots that were read from a folder.</summary>
    internal static ServerTrust Of(X509Certificate2Collection roots, string? directory) => new(roots, directory is null ? null : Place(directory, Setting));

    /// <summary>Trusts roots that another process handed on with <see cref="ExportPem"/>.</summary>
    /// <param name="pem">The roots.</param>
    /// <param name="directory">Where it read them from, for sentences.</param>
    public static ServerTrust OfPem(string pem, string directory)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(pem);
        return Of(roots, directory);
    }

    /// <summary>Trusts the given roots besides the system's.</summary>
    public static ServerTrust With(X509Certificate2Collection extraRoots) => new(extraRoots, null);

    /// <summary>Judges a server's certificate outside of a handshake, as a handshake would. Null when it is believed.</summary>
    /// <param name="host">The name that was called.</param>
    /// <param name="leaf">The server's certificate.</param>
    /// <param name="sent">What else the server sent.</param>
    public ServerCertificateException? Judge(string host, X509Certificate2 leaf, X509Certificate2Collection sent)
    {
        using var chain = new X509Chain { ChainPolicy = ChainPolicy() };
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        var errors = chain.Build(leaf) ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors;
        if (!leaf.MatchesHostname(host))
            errors |= SslPolicyErrors.RemoteCertificateNameMismatch;
        try
        {
            Accept(host, leaf, chain, errors);
            return null;
        }
        catch (ServerCertificateException refused)
        {
            return refused;
        }
    }

    /// <summary>
    /// The policy TLS builds its chain with: our roots only when there are any, so that the common private set-up never loads the
    /// system's store; <see cref="Accept"/> tries the system's roots when that does not do.
    /// </summary>
    internal X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (ExtraRoots.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(ExtraRoots);
        }

        return policy;
    }

    /// <summary>The validation callback of a TLS connection.</summary>
    /// <exception cref="ServerCertificateException">Instead of false: so that the reason reaches the person.</exception>
    internal bool Accept(string host, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (certificate is not X509Certificate2 leaf)
            throw new ServerCertificateException(ServerCertificateFault.Missing, $"{host} showed no server certificate.", "Check that the port speaks TLS.");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            throw new ServerCertificateException(
                ServerCertificateFault.OtherName,
                $"The server certificate of {host} is for another name ({Describe(leaf)}; names: {Names(leaf)}).",
                $"Use a name that the certificate covers, or have a certificate made for {host}.");
        }

        if (ExtraRoots.Count > 0 && IsTrustedBySystem(leaf, chain))
            return true;
        throw NotTrusted(host, leaf, chain);
    }

    private static bool IsTrustedBySystem(X509Certificate2 leaf, X509Chain? sent)
    {
        using var chain = new X509Chain
        {
            ChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
        };
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(leaf);
    }

    private ServerCertificateException NotTrusted(string host, X509Certificate2 leaf, X509Chain? chain)
    {
        var states = chain?.ChainStatus.Select(state => state.Status).Where(state => state != X509ChainStatusFlags.NoError).Distinct() ?? [];
        if (states.Contains(X509ChainStatusFlags.NotTimeValid))
        {
            return new ServerCertificateException(
                ServerCertificateFault.OutOfDate,
                $"The server certificate of {host} is outside its time of validity ({Describe(leaf)}; valid {leaf.NotBefore.ToUniversalTime():u} to {leaf.NotAfter.ToUniversalTime():u}).",
                "Compare this machine's clock; otherwise the server's operator must renew the certificate.");
        }

        var top = chain is { ChainElements.Count: > 0 } ? chain.ChainElements[^1].Certificate : leaf;
        var where = _place ?? "the folder of extra server roots";
        return new ServerCertificateException(
            ServerCertificateFault.NotTrusted,
            $"The server certificate of {host} is not trusted ({Describe(leaf)}; {string.Join(", ", states)}).",
            $"Put the root certificate “{PeerText.Clean(top.Issuer, 200)}” as a PEM or DER file into {where}.");
    }

    private static string Place(string directory, string setting) => $"{directory} ({setting})";

    private static string Describe(X509Certificate2 certificate) =>
        $"subject “{PeerText.Clean(certificate.Subject, 200)}”, issuer “{PeerText.Clean(certificate.Issuer, 200)}”";

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is null ? "none" : PeerText.Clean(string.Join(", ", names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))), 300);
    }
}
