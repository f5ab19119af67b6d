using System.Security.Cryptography;
using Gatehouse.Pki.Keys;
using Gatehouse.Pki.Parsing;
using Gatehouse.Pki.Verification;

namespace Gatehouse.Pki.Files;

/// <summary>A client's certificate file sorted out: which certificate is the client's, and what else is there.</summary>
internal sealed class ClientChain
{
    private ClientChain(ParsedCertificate leaf, int place, IReadOnlyList<ReadOnlyMemory<byte>> others, bool hasRoot) =>
        (Parsed, Place, Others, HasRoot) = (leaf, place, others, hasRoot);

    public ParsedCertificate Parsed { get; }

    /// <summary>Where the leaf stands in the file, from 1.</summary>
    public int Place { get; }

    /// <summary>The others as a delegate sends them: without self-issued roots.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Others { get; }

    /// <summary>True when the file has a self-issued certificate besides the leaf.</summary>
    public bool HasRoot { get; }

    /// <summary>With a key, the leaf is the certificate it belongs to; without, the first that issued no other of the file.</summary>
    /// <exception cref="PkiFileException">No certificate, one that cannot be read, no usable key, or no certificate for the key.</exception>
    public static ClientChain Of(PkiFile file, PkiFile? key)
    {
        if (file.WhyNoCertificate is { } why)
            throw new PkiFileException(why);
        var all = new List<ParsedCertificate>(file.Certificates.Count);
        foreach (ReadOnlyMemory<byte> der in file.Certificates)
            all.Add(ParsedCertificate.TryParse(der, out string problem) ?? throw new PkiFileException($"Certificate {all.Count + 1} of the file {problem}. Copy it again, or issue it again."));
        ParsedCertificate leaf = key is null ? WithoutKey(all) : ForKey(all, key);
        List<ParsedCertificate> rest = [.. all.Where(one => !one.Der.Span.SequenceEqual(leaf.Der.Span))];
        return new ClientChain(leaf, all.IndexOf(leaf) + 1, [.. rest.Where(one => !one.IsSelfIssued).Select(one => one.Der)], rest.Exists(one => one.IsSelfIssued));
    }

    private static ParsedCertificate WithoutKey(List<ParsedCertificate> all) =>
        all.Find(one => !all.Exists(other => !ReferenceEquals(one, other) && !other.IsSelfIssued && other.Issuer.Matches(one.Subject))) ?? all[0];

    private static ParsedCertificate ForKey(List<ParsedCertificate> all, PkiFile keyFile)
    {
        if (keyFile.Keys.Count == 0 && keyFile.Certificates.Count > 0)
            throw new PkiFileException("The key file holds a certificate and no private key. Are the two files swapped?");
        AsymmetricAlgorithm key;
        try
        {
            key = keyFile.TheKey();
        }
        catch (PkiFileException e)
        {
            throw new PkiFileException("The key file " + e.Message, e);
        }

        ParsedCertificate first = all[0];
        return all.Find(one => one.Key.BelongsTo(key)) ?? throw new PkiFileException(
            $"Certificate and key do not match: \"{Wording.Name(first.Subject)}\" has {first.Key.Name}, {KeyText.Fingerprint(first.Key.Der.Span)}; "
            + $"the key file holds {KeyText.Describe(key)}. Use the key the certificate was made with, or issue a new pair.");
    }
}
