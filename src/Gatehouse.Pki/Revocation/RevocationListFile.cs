using System.Formats.Asn1;
using System.Text;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Revocation;

/// <summary>Finds the one CRL in the bytes of a file.</summary>
internal static class RevocationListFile
{
    private const string HowToMake = "Make one with \"openssl ca -gencrl -out ca.crl\", or fetch the one your CA publishes.";

    // Base64 with line ends is 4/3 and some; generous for text around the block.
    private const int MaxTextBytes = (CertificateRevocationList.MaxBytes / 2 * 3) + (64 * 1024);

    /// <summary>Its DER, in memory of its own.</summary>
    /// <exception cref="RevocationListException">None, several, or something else.</exception>
    public static byte[] Open(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (bytes.IsEmpty)
            throw new RevocationListException($"The file is empty. Upload the CA's CRL as PEM (-----BEGIN X509 CRL-----) or DER. {HowToMake}");
        if (EncodedLength(bytes) is { } length)
        {
            if (bytes.Length > CertificateRevocationList.MaxBytes)
                throw TooLarge(bytes.Length);
            return length == bytes.Length ? bytes.ToArray() : throw new RevocationListException(
                $"The file goes on for {bytes.Length - length} bytes behind the end of a DER value. Upload one CRL to a file; several can each be uploaded by themselves.");
        }

        if (bytes.Length > MaxTextBytes)
            throw TooLarge(bytes.Length);
        return FromText(bytes.IndexOf("-----BEGIN "u8) >= 0 ? PemText.Read(Encoding.Latin1.GetString(bytes), max: 64) : []);
    }

    private static byte[] FromText(List<PemBlock> blocks)
    {
        if (blocks.Exists(block => block.IsPrivateKey))
            throw new RevocationListException("The file contains a private key. Nothing was stored, but the key must now be considered exposed: replace it, and upload the CRL only.");
        List<PemBlock> lists = blocks.FindAll(block => block.Label is "X509 CRL" or "CRL");
        if (lists.Count > 1)
            throw new RevocationListException("The file contains several CRLs. Upload each one by itself, so that each can be replaced and removed.");
        if (lists.Count == 1)
        {
            byte[] der = lists[0].Der ?? throw new RevocationListException("The CRL is damaged: its PEM block has no end, or is not Base64. Copy it again, the BEGIN and END lines included.");
            return der.Length > CertificateRevocationList.MaxBytes ? throw TooLarge(der.Length) : der;
        }

        if (blocks.Exists(block => block.IsCertificate))
            throw new RevocationListException($"The file contains a certificate and no CRL. {HowToMake} To refuse a single certificate, put it on the deny list instead.");
        if (blocks.Count > 0)
            throw new RevocationListException($"The file contains a block \"{PeerText.Safe(blocks[0].Label, 40)}\" and no CRL. {HowToMake}");
        throw new RevocationListException($"The file is no CRL: it is neither PEM (-----BEGIN X509 CRL-----) nor DER. {HowToMake}");
    }

    // DER of any real list begins with a SEQUENCE and a length of several bytes. A text that happens to begin with '0' (the same byte) goes on in ASCII.
    private static int? EncodedLength(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes[0] == 0x30 && bytes.Length > 1 && bytes[1] >= 0x80
                && AsnDecoder.TryReadEncodedValue(bytes, AsnEncodingRules.DER, out _, out _, out _, out int consumed) ? consumed : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static RevocationListException TooLarge(int bytes) => new(
        $"The CRL is {bytes} bytes long; at most {CertificateRevocationList.MaxBytes} are allowed. Have the CA leave out certificates that have expired, or refuse single certificates by the deny list.");
}
