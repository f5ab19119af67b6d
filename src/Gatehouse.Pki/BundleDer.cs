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
    /// that are read at start. False for any other text, and when there is too little room; <see cref="FromPem"/> then says more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // It runs a hundred thousand times before the runtime would get to it.
    public static bool TryDecodeNormalized(ReadOnlySpan<byte> pem, Span<byte> destination, out int written)
    {
        written = 0;
        while (!pem.IsEmpty)
        {
            if (!pem.StartsWith(Begin))
                return false;
            pem = pem[Begin.Length..];
            int start = written;
            while (!pem.StartsWith(End))
            {
                // Line by line: the decoder is several times slower where it has to look for line ends. Only a last line may be padded.
                int line = pem.IndexOf((byte)'\n');
                if (line is <= 0 or > 64 || Base64.DecodeFromUtf8(pem[..line], destination[written..], out int read, out int decoded) != OperationStatus.Done
                    || read != line || (decoded < 48 && !pem[(line + 1)..].StartsWith(End)))
                    return false;
                written += decoded;
                pem = pem[(line + 1)..];
            }

            pem = pem[End.Length..];
            if (LengthOfFirst(destination[start..written]) != written - start)
                return false;
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
