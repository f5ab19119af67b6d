using System.Security.Cryptography;
using System.Text;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>What is in a certificate file: PEM blocks of any kind, or one DER certificate.</summary>
/// <param name="Certificates">DER, in the order of the file.</param>
/// <param name="Others">Labels of the blocks that are no certificates, for example <c>PRIVATE KEY</c>.</param>
internal sealed record PemBlocks(IReadOnlyList<ReadOnlyMemory<byte>> Certificates, IReadOnlyList<string> Others)
{
    /// <summary>Reads a file. Blocks whose base64 cannot be read are listed in <see cref="Others"/>.</summary>
    /// <exception cref="CliException">Missing, empty, too large, unreadable, or neither PEM nor DER.</exception>
    public static async Task<PemBlocks> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await CaFile.ReadTextAsync(path, "certificate file", cancellationToken);
        var certificates = new List<ReadOnlyMemory<byte>>();
        var others = new List<string>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var label = rest[fields.Label].ToString();
            if (label is "CERTIFICATE" or "TRUSTED CERTIFICATE" or "X509 CERTIFICATE")
            {
                certificates.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            }
            else
            {
                others.Add(label);
            }

            rest = rest[fields.Location.End..];
        }

        if (certificates.Count > 0 || others.Count > 0)
        {
            return new PemBlocks(certificates, others);
        }

        ReadOnlyMemory<byte> der = await File.ReadAllBytesAsync(path, cancellationToken);
        return CertificateFacts.TryRead(der) is not null
            ? new PemBlocks([der], [])
            : throw CliException.BadInput($"'{path}' holds no certificate: neither PEM ('-----BEGIN CERTIFICATE-----') nor DER.");
    }

    /// <summary>The certificates alone, as PEM.</summary>
    public string CertificatesPem()
    {
        var pem = new StringBuilder();
        foreach (var certificate in Certificates)
        {
            pem.Append(PemEncoding.Write("CERTIFICATE", certificate.Span)).Append('\n');
        }

        return pem.ToString();
    }
}
