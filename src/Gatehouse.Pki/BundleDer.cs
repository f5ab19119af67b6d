using System.Buffers;
using System.Buffers.Text;
using System.Formats.Asn1;
using System.Runtime.CompilerServices;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>
/// A CA bundle as it is kept in memory by the hundred thousand: its certificates as DER, one behind the other. A third of the PEM text's
/// size in UTF-16, and read only when a client shows up.
/// </summary>
public static class BundleDer
{
    /// <summary>Bytes of the longest text that <see cref="TryDecodeNormalized"/> decodes: two or three certificates.</summary>
    public const int MaxNormalized = 4 * 1024;

    /// <summary>Characters in a line of PEM, but for the last.</summary>
    private const int Line = 64;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN CERTIFICATE-----\n"u8;

    private static ReadOnlySpan<byte> End => "-----END CERTIFICATE-----\n"u8;

    /// <summary>Decodes a PEM bundle that was checked at upload (<see cref="CaBundle.Check"/>). The certificates are not looked into: <see cref="TrustAnchors.ParseDer"/> does.</summary>
    /// <exception cref="CaBundleException">No certificate, damaged PEM, or something in it that is no certificate.</exception>
    public static byte[] FromPem(string pem)
    {
        List<PemBlock> blocks = PemText.Read(pem, max: 64);
        int length = 0;
        for (int i = 0; i < blocks.Count; i++)
        {
            PemBlock block = blocks[i];
            if (block.IsPrivateKey)
                throw new CaBundleException("The CA bundle contains a private key. Remove it, and replace the key: it must count as exposed.");
            if (!block.IsCertificate)
                throw new CaBundleException($"The CA bundle contains a PEM block that is no certificate ({PeerText.Safe(block.Label, 40)}). Leave only certificates in it.");
            // One block is one certificate: two in one would be trusted without having been checked as two.
            if (block.Der is not { } der || LengthOfFirst(der) != der.Length)
                throw new CaBundleException($"Certificate {i + 1} of the CA bundle is damaged PEM. Upload the bundle again.");
            length += der.Length;
        }

        if (blocks.Count == 0)
            throw new CaBundleException("The CA bundle contains no certificate. Upload the account's CA certificate as PEM.");
        if (blocks.Count == 1)
            return blocks[0].Der!;
        byte[] all = new byte[length];
        int position = 0;
        foreach (PemBlock block in blocks)
        {
            block.Der!.CopyTo(all, position);
            position += block.Der.Length;
        }

        return all;
    }

    /// <summary>
    /// Decodes a bundle that is exactly what <see cref="CaBundleReport.NormalizedPem"/> is, into room of the caller's: the fast way for the many
    /// that are read at start. False for any other text, for one above <see cref="MaxNormalized"/>, and when there is too little room;
    /// <see cref="FromPem"/> then says more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // It runs a hundred thousand times before the runtime would get to it.
    public static bool TryDecodeNormalized(ReadOnlySpan<byte> pem, Span<byte> destination, out int written)
    {
        written = 0;
        if (pem.Length > MaxNormalized)
            return false;
        // Without its line ends a certificate is decoded in one go: line by line takes three times as long, and with them in it twice.
        Span<byte> text = stackalloc byte[MaxNormalized];
        while (!pem.IsEmpty)
        {
            if (!pem.StartsWith(Begin))
                return false;
            pem = pem[Begin.Length..];
            int length = 0;
            for (; pem.Length > Line && pem[Line] == '\n'; pem = pem[(Line + 1)..], length += Line)
                pem[..Line].CopyTo(text[length..]);
            if (!pem.StartsWith(End))
            {
                int last = pem.IndexOf((byte)'\n');
                if (last is <= 0 or >= Line)
                    return false;
                pem[..last].CopyTo(text[length..]);
                length += last;
                pem = pem[(last + 1)..];
            }

            // The decoder passes over white space: then the text is not of whole groups, or less is found than there is room for, also when that is padded.
            if (!pem.StartsWith(End) || length % 4 != 0 || Base64.DecodeFromUtf8(text[..length], destination[written..], out _, out int decoded) != OperationStatus.Done
                || decoded < (length / 4 * 3) - 2 || LengthOfFirst(destination.Slice(written, decoded)) != decoded)
                return false;
            written += decoded;
            pem = pem[End.Length..];
        }

        return written > 0;
    }

    /// <summary>Bytes of the first DER value; 0 when there is none.</summary>
    internal static int LengthOfFirst(ReadOnlySpan<byte> der)
    {
        try
        {
            AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.DER, out _, out _, out int consumed);
            return consumed;
        }
        catch (AsnContentException)
        {
            return 0;
        }
    }
}
