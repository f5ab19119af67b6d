using System.Diagnostics;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Tests.Support;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Tests.Certificates;

/// <summary>The command below a finding is one that can be pasted, and after it the finding is gone.</summary>
public sealed class WhenLintNamesTheCommand : IDisposable
{
    private readonly CommandLine _line = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public void Dispose() => _line.Dispose();

    private string Write(string name, params string[] texts) => _line.WriteFile(name, string.Concat(texts));

    private IReadOnlyList<LintFinding> Lint(string name) => BundleFiles.Lint(File.ReadAllText(Path.Combine(_line.Folder, name)), name, _now);

    /// <summary>Runs what a person would paste; <c>gatehouse</c> is the built program.</summary>
    private async Task PasteAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-ec", $"gatehouse() {{ dotnet '{Path.Combine(AppContext.BaseDirectory, "Gatehouse.Cli.dll")}' \"$@\"; }}; {command}"])
        {
            WorkingDirectory = _line.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var ended = await CommandLine.EndOfAsync(process);
        Assert.True(ended.ExitCode == 0, $"{command}: {ended.Error}");
    }

    [Fact]
    public async Task Each_command_can_be_pasted_and_mends()
    {
        IssuedCertificate one = Ca("/CN=One"), two = Ca("/CN=Two"), open = Ca("/O=Let's Encrypt/CN=R11");
        var leaf = CertificateIssuer.CreateClient(one.CertificatePem, one.PrivateKeyPem, "/CN=Client", null, 30, KeyKind.EcP256, _now);
        var request = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
        // The place of the second leaf changes when the first is removed; a name that a shell would take apart.
        Write("two leaves.crt", leaf.CertificatePem, two.CertificatePem, open.CertificatePem);
        Write("keyed.pem", leaf.CertificatePem, one.CertificatePem, leaf.PrivateKeyPem);
        Write("mixed.pem", one.CertificatePem, request);
        Write("twice.crt", one.CertificatePem, leaf.CertificatePem, one.CertificatePem);

        await MendsAsync("two leaves.crt", CaBundleCodes.NotACa, "two leaves.crt");
        await MendsAsync("two leaves.crt", CaBundleCodes.PublicCa, "two leaves.crt");
        await MendsAsync("keyed.pem", CaBundleCodes.PrivateKey, "clean.crt");
        Assert.Empty(Lint("clean.crt"));
        File.Delete(Path.Combine(_line.Folder, "clean.crt"));
        await MendsAsync("mixed.pem", CaBundleCodes.UnexpectedBlock, "clean.crt");
        File.Delete(Path.Combine(_line.Folder, "clean.crt"));
        await MendsAsync("twice.crt", CaBundleCodes.Duplicate, "clean.crt");
    }

    [Fact]
    public void Where_no_command_mends_there_is_none()
    {
        var ca = Ca("/CN=One");
        var leaf = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/CN=Client", null, 30, KeyKind.EcP256, _now);
        Write("leaf.crt", leaf.CertificatePem);
        Write("pair.pem", leaf.CertificatePem, leaf.PrivateKeyPem);

        Assert.Equal([(CaBundleCodes.NotACa, null)], Lint("leaf.crt").Select(one => (one.Code, one.Command)));
        Assert.Equal([(CaBundleCodes.PrivateKey, null), (CaBundleCodes.NotACa, null)], Lint("pair.pem").Select(one => (one.Code, one.Command)));
    }

    [Fact]
    public void Both_files_are_named_in_a_clients_commands()
    {
        LintFinding[] findings = [new(LintSeverity.Error, "a", "", "x FILE --out ."), new(LintSeverity.Error, "b", "", "y KEY-FILE"), new(LintSeverity.Error, "c", "", null)];
        Assert.Equal(["x 'FILE of KEY-FILE' --out .", "y ./-k", null], CertificateText.For(findings, "FILE of KEY-FILE", "-k").Select(one => one.Command));
    }

    private IssuedCertificate Ca(string subject) => CertificateIssuer.CreateCa(subject, 400, KeyKind.EcP256, _now);

    private async Task MendsAsync(string file, string code, string result)
    {
        await PasteAsync(Assert.Single(Lint(file), one => one.Code == code).Command!);
        Assert.DoesNotContain(Lint(result), one => one.Code == code);
    }
}
