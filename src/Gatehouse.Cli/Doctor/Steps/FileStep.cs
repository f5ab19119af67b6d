using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Client;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>The certificate and key files: there, readable, a pair, and good by themselves.</summary>
internal static class FileStep
{
    /// <summary>The pair as a delegate would show it; null when there is none that could be shown.</summary>
    public static PemIdentity? Check(DoctorInput input, Findings findings, DateTimeOffset now)
    {
        if (input.CertificatePath is null && input.KeyPath is null)
        {
            findings.Saw("client certificate", "none is set");
            return null;
        }

        if (input.CertificatePath is null || input.KeyPath is null)
        {
            var missing = input.CertificatePath is null ? "DELEGATE_CLIENT_CERTIFICATE_PATH" : "DELEGATE_CLIENT_CERTIFICATE_KEY_PATH";
            findings.Diagnose(Rank.Files, DoctorCodes.HalfPair, "Of certificate and key only one is set.", $"Set {missing}, too.", $"export {missing}=/etc/mtls/client.{(input.CertificatePath is null ? "crt" : "key")}");
            return null;
        }

        var (certificatePath, keyPath, _) = new IdentityFiles(input.CertificatePath, input.KeyPath, null).FindPair();
        if (certificatePath != input.CertificatePath)
            findings.Saw("file names", $"{input.CertificatePath} is not there; the delegate takes {certificatePath} and {keyPath}, as a Secret of type kubernetes.io/tls has them");
        var certificate = Read(input, findings, certificatePath, "certificate");
        var key = Read(input, findings, keyPath, "key");
        if (certificate is null || key is null)
            return null;
        CheckMode(findings, keyPath);
        using (certificate)
        using (key)
        {
            Lint(findings, certificate, key, certificatePath, keyPath, now);
            return Load(findings, certificate, key);
        }
    }

    private static PkiFile? Read(DoctorInput input, Findings findings, string path, string what)
    {
        try
        {
            if (Directory.Exists(path))
            {
                findings.Diagnose(Rank.Files, DoctorCodes.FileIsFolder,
                    $"The {what} {path} is a folder. Docker makes one when the file to mount (-v) does not exist on the host, or its path is not absolute.",
                    "Mount the folder with both files instead, by its absolute path.", "docker run -v /absolute/folder:/etc/mtls:ro …");
                return null;
            }

            if (!File.Exists(path))
            {
                findings.Diagnose(Rank.Files, DoctorCodes.FileMissing, $"The {what} {path} does not exist.",
                    "Check the path, the mount and the key names of the Secret (client.crt, client.key; cert-manager calls them tls.crt, tls.key).", $"ls -la {Shell.Quote(Path.GetDirectoryName(Path.GetFullPath(path))!)}");
                return null;
            }

            CheckMount(input, findings, path, what);
            if (InputFile.ReadAtMost(path, PkiFile.MaxBytes) is { } content)
                return PkiFile.Read(content);
            findings.Diagnose(Rank.Files, DoctorCodes.FileUnusable, $"The {what} file {path} is larger than {Words.Size(PkiFile.MaxBytes)}: it is another file.", "Put the right file there, as PEM.", $"ls -la {Shell.QuotePath(path)}");
        }
        catch (PkiFileException e)
        {
            findings.Diagnose(Rank.Files, DoctorCodes.FileUnusable, $"The {what} file {path} {e.Message}", "Put the right file there, as PEM.", $"gatehouse certs inspect {Shell.Quote(path)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Diagnose(Rank.Files, DoctorCodes.FileUnreadable, $"The {what} {path} cannot be read by this user ({Environment.UserName}): {Safe.Line(e.Message)}",
                "Check owner and mode, in Kubernetes defaultMode and fsGroup of the volume.", $"ls -la {Shell.Quote(path)}; id");
        }

        return null;
    }

    // A bind mount of one file keeps showing the file that was there: a replaced one is another file.
    private static void CheckMount(DoctorInput input, Findings findings, string path, string what)
    {
        if (!File.Exists(input.MountTable))
            return;
        var full = Path.GetFullPath(path).Replace(" ", "\\040", StringComparison.Ordinal);
        if (File.ReadLines(input.MountTable).Any(line => line.Split(' ') is { Length: > 4 } fields && fields[4] == full))
        {
            findings.Diagnose(Rank.Warning, DoctorCodes.SingleFileMount, $"The {what} {path} is mounted as a single file: when it is replaced outside, in here the old one stays.",
                "Mount the folder instead.", "docker run -v /absolute/folder:/etc/mtls:ro …");
        }
    }

    private static void CheckMode(Findings findings, string path)
    {
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) == 0)
            return;
        var what = $"Every user of this machine can read the key {path}.";
        // The kubelet swaps this link; files of such a volume have the mode of the manifest, whatever is done to them here.
        if (Path.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "..data")))
        {
            findings.Diagnose(Rank.Warning, DoctorCodes.KeyReadableByAll, what,
                "It is in a Kubernetes volume, where chmod does nothing: set fsGroup in the pod's securityContext, and defaultMode: 0400 at the volume. Without fsGroup only root could read it then.");
            return;
        }

        findings.Diagnose(Rank.Warning, DoctorCodes.KeyReadableByAll, what, "Take the right away; the user that the delegate runs as must own the file.", $"chmod 600 {Shell.QuotePath(path)}");
    }

    private static void Lint(Findings findings, PkiFile certificate, PkiFile key, string path, string keyPath, DateTimeOffset now)
    {
        foreach (var finding in CertificateText.For(ClientLint.Check(certificate, key, now), path, keyPath))
        {
            var (rank, code) = (finding.Severity, finding.Code) switch
            {
                (LintSeverity.Warning, var known) => (Rank.Warning, known),
                (_, CaBundleCodes.Expired) => (Rank.Certificate, "certificate_expired"),
                (_, CaBundleCodes.NotYetValid) => (Rank.Certificate, "certificate_not_yet_valid"),
                (_, CaBundleCodes.WeakKey or CaBundleCodes.WeakSignature) => (Rank.Certificate, "certificate_weak"),
                (_, ClientLintCodes.Purpose) => (Rank.Certificate, "certificate_purpose"),
                (_, CaBundleCodes.Malformed) => (Rank.Certificate, "certificate_malformed"),
                (_, var known) => (Rank.Files, known),
            };
            findings.Diagnose(rank, code, finding.Message, rank == Rank.Warning ? "It works; mend it when you next touch it." : "Replace both files together.", finding.Command);
        }
    }

    private static PemIdentity? Load(Findings findings, PkiFile certificate, PkiFile key)
    {
        try
        {
            var identity = PemIdentity.Parse(certificate.CertificatesPem, key.ExportKeyPem());
            findings.Saw("client certificate", $"{identity.Facts.Subject}, issued by {identity.Facts.Issuer}, serial {identity.Facts.SerialNumber}, until {Words.When(identity.Facts.NotAfter)}, {identity.Intermediates.Count} intermediates");
            return identity;
        }
        catch (Exception e) when (e is PemIdentityException or PkiFileException)
        {
            // Told by the lint already; a key of a kind that cannot be used at all is told here.
            if (!findings.Has(Rank.Files) && !findings.Has(Rank.Certificate))
                findings.Diagnose(Rank.Files, DoctorCodes.FileUnusable, e.Message, "Put the right files there.");
            return null;
        }
    }
}
