using System.Security.Cryptography;
using Gatehouse.Pki.Files;
using Gatehouse.Pki.Keys;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>
/// What is in a file of certificates, requests or keys: PEM with anything around its blocks, DER, or PKCS#12. Private keys stay inside;
/// the one way out is <see cref="ExportKeyPem"/>.
/// </summary>
public sealed class PkiFile : IDisposable
{
    /// <summary>Largest file that is looked at, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int MaxBlocks = 256;
    private readonly List<AsymmetricAlgorithm> _keys = [];
    private readonly List<ReadOnlyMemory<byte>> _certificates = [];
    private readonly List<ReadOnlyMemory<byte>> _requests = [];
    private readonly List<KeyFacts> _keyFacts = [];
    private readonly List<RequestFacts> _requestFacts = [];
    private readonly List<string> _others = [];
    private readonly List<string> _damaged = [];

    private PkiFile(string format) => Format = format;

    /// <summary><c>PEM</c>, <c>DER</c> or <c>PKCS#12</c>.</summary>
    public string Format { get; }

    /// <summary>DER of each certificate, in the order of the file; whether one can be read, <see cref="CertificateFacts.TryRead"/> says.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Certificates => _certificates;

    /// <summary>Certificate requests (CSR) that can be read.</summary>
    public IReadOnlyList<RequestFacts> Requests => _requestFacts;

    /// <summary>Private keys, readable or not.</summary>
    public IReadOnlyList<KeyFacts> Keys => _keyFacts;

    /// <summary>Labels of other PEM blocks, for example <c>X509 CRL</c>; cleaned for print.</summary>
    public IReadOnlyList<string> Others => _others;

    /// <summary>Labels of blocks that are damaged; cleaned for print.</summary>
    public IReadOnlyList<string> Damaged => _damaged;

    /// <summary>The certificates alone as PEM, LF line ends.</summary>
    public string CertificatesPem => ToPem(_certificates);

    /// <summary>DER of the requests in <see cref="Requests"/>.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> RequestsDer => _requests;

    /// <summary>Private keys that could be read, in the order of <see cref="Keys"/> without <see cref="KeyFacts.Problem"/>.</summary>
    internal IReadOnlyList<AsymmetricAlgorithm> PrivateKeys => _keys;

    /// <summary>Looks into a file.</summary>
    /// <param name="content">All of it; not kept.</param>
    /// <param name="password">Asked once when something inside needs a password, and not otherwise; null, or an answer of null, for none.</param>
    /// <exception cref="PkiFileException">Too large, or neither PEM nor DER nor PKCS#12 that can be opened.</exception>
    public static PkiFile Read(byte[] content, Func<string?>? password = null)
    {
        if (content.Length > MaxBytes)
            throw new PkiFileException($"is {content.Length} bytes long; at most {MaxBytes} are read. Is it the right file?");
        Func<string?> word = Once(password);
        using var reader = new StreamReader(new MemoryStream(content));
        List<PemBlock> blocks = PemText.Read(reader.ReadToEnd(), MaxBlocks);
        if (blocks.Count > 0)
            return Of("PEM", blocks, word);
        return DerKind.LabelOf(content) switch
        {
            DerKind.Pkcs12 => Of("PKCS#12", Pkcs12.Open(content, word), word),
            { } label => Of("DER", [new PemBlock(label, [.. content], "")], word),
            null => throw new PkiFileException("holds neither PEM (-----BEGIN …-----) nor DER nor PKCS#12. Is it the right file?"),
        };
    }

    /// <summary>The only private key, as unencrypted PKCS#8 in PEM. Secret: for a file that only its owner can read.</summary>
    /// <exception cref="PkiFileException">None, several, or it cannot be read.</exception>
    public string ExportKeyPem() => TheKey().ExportPkcs8PrivateKeyPem().ReplaceLineEndings("\n") + "\n";

    /// <summary>The only private key, as unencrypted PKCS#8 in DER. Secret, as in <see cref="ExportKeyPem"/>.</summary>
    /// <exception cref="PkiFileException">None, several, or it cannot be read.</exception>
    public byte[] ExportKeyDer() => TheKey().ExportPkcs8PrivateKey();

    /// <summary>The requests as PEM, LF line ends.</summary>
    public string RequestsPem => string.Concat(_requests.Select(der => PemText.Write("CERTIFICATE REQUEST", der.Span)));

    /// <summary>Certificates with the one first that the private key belongs to, then the chain without self-signed roots; in the file's order when there is no key.</summary>
    /// <exception cref="PkiFileException">No certificate, or none for the key.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> ChainFor(PkiFile? key)
    {
        if (key is null)
            return WhyNoCertificate is { } why ? throw new PkiFileException(why) : Certificates;
        ClientChain chain = ClientChain.Of(this, key);
        return [chain.Parsed.Der, .. chain.Others];
    }

    /// <summary>Key, certificate and chain as PKCS#12, encrypted with AES-256. Secret, as in <see cref="ExportKeyPem"/>.</summary>
    /// <exception cref="PkiFileException">No certificate, no key, or they do not match.</exception>
    public byte[] ExportPkcs12(string password)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> chain = ChainFor(this);
        return Pkcs12.Write(chain[0], chain.Skip(1), TheKey(), password);
    }

    /// <summary>Several files as one, for example certificate and key. The parts must outlive it.</summary>
    public static PkiFile Join(IReadOnlyList<PkiFile> files)
    {
        var all = new PkiFile(files.Count == 1 ? files[0].Format : "several files");
        foreach (PkiFile file in files)
        {
            all._certificates.AddRange(file._certificates);
            all._requests.AddRange(file._requests);
            all._requestFacts.AddRange(file._requestFacts);
            all._keys.AddRange(file._keys);
            all._keyFacts.AddRange(file._keyFacts);
            all._others.AddRange(file._others);
            all._damaged.AddRange(file._damaged);
        }

        return all;
    }

    /// <summary>Certificates as PEM, LF line ends.</summary>
    /// <param name="certificates">DER.</param>
    public static string ToPem(IEnumerable<ReadOnlyMemory<byte>> certificates) => string.Concat(certificates.Select(der => PemText.Write("CERTIFICATE", der.Span)));

    /// <summary>What the file holds instead of a certificate, a whole sentence with the way out; null when it holds one.</summary>
    public string? WhyNoCertificate => _certificates.Count > 0 ? null : NotACertificate.Explain(this);

    /// <inheritdoc />
    public void Dispose() => _keys.ForEach(key => key.Dispose());

    internal AsymmetricAlgorithm TheKey() => (_keyFacts.Count, _keys.Count) switch
    {
        (1, 1) => _keys[0],
        (0, _) => throw new PkiFileException("holds no private key." + (_certificates.Count > 0 ? " It holds a certificate; name the key file." : "")),
        (1, _) => throw new PkiFileException(_keyFacts[0].Problem!),
        _ => throw new PkiFileException($"holds {_keyFacts.Count} private keys. Leave the one that belongs to the certificate."),
    };

    private static PkiFile Of(string format, List<PemBlock> blocks, Func<string?> password)
    {
        var file = new PkiFile(format);
        foreach (PemBlock block in blocks)
            file.Add(block, password);
        return file;
    }

    private void Add(PemBlock block, Func<string?> password)
    {
        if (block.IsPrivateKey)
            AddKey(block, password);
        else if (block.Der is not { } der)
            _damaged.Add(PeerText.Safe(block.Label, 40));
        else if (block.IsCertificate)
            _certificates.Add(der);
        else if (block.Label is "CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST")
            AddRequest(der, block.Label);
        else
            _others.Add(PeerText.Safe(block.Label, 40));
    }

    private void AddRequest(byte[] der, string label)
    {
        if (SigningRequest.TryParse(der, out _) is not { } request)
        {
            _damaged.Add(label);
            return;
        }

        _requests.Add(der);
        _requestFacts.Add(RequestFacts.Of(request));
    }

    private void AddKey(PemBlock block, Func<string?> password)
    {
        try
        {
            AsymmetricAlgorithm key = PrivateKeyReader.ReadBlock(block, password);
            _keys.Add(key);
            byte[] spki = key.ExportSubjectPublicKeyInfo();
            _keyFacts.Add(new KeyFacts(KeyText.Format(block), PublicKeyInfo.Parse(spki).Name, Convert.ToHexString(SHA256.HashData(spki)), null));
        }
        catch (PrivateKeyException e)
        {
            _keyFacts.Add(new KeyFacts(KeyText.Format(block), null, null, e.Message));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block.Der);
        }
    }

    private static Func<string?> Once(Func<string?>? ask)
    {
        var answer = new Lazy<string?>(() => ask?.Invoke());
        return () => answer.Value;
    }
}
