using Gatehouse.Pki;

namespace Gatehouse.Cli.Certificates;

/// <summary>Opens certificate and key files of any format for commands.</summary>
internal static class PkiFiles
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">From the current folder.</param>
    /// <param name="kind">What it is to people, for example <c>CA certificate</c>.</param>
    /// <param name="password">Asked only when something inside has a password.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CliException">Missing, empty, too large, unreadable, or of no format we know.</exception>
    public static async Task<PkiFile> ReadAsync(string path, string kind, Func<string?>? password, CancellationToken cancellationToken)
    {
        var content = await InputFile.ReadAsync(path, kind, PkiFile.MaxBytes, cancellationToken);
        try
        {
            return PkiFile.Read(content, password);
        }
        catch (PkiFileException e)
        {
            throw CliException.BadInput($"The {kind} '{path}' {e.Message}", e);
        }
    }

    /// <summary>The file's certificates as PEM.</summary>
    /// <exception cref="CliException">It holds none; the message says what it is instead.</exception>
    public static string CertificatesOf(PkiFile file, string path) =>
        file.WhyNoCertificate is { } why ? throw CliException.BadInput($"'{path}': {why}") : file.CertificatesPem;

    /// <summary>The file's private key, PKCS#8 in PEM.</summary>
    /// <exception cref="CliException">It holds none, several, or one that cannot be read.</exception>
    public static string KeyOf(PkiFile file, string path, string kind)
    {
        try
        {
            return file.ExportKeyPem();
        }
        catch (PkiFileException e)
        {
            throw CliException.BadInput($"The {kind} '{path}' {e.Message}", e);
        }
    }
}
