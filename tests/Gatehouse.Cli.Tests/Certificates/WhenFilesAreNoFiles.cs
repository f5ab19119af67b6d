using System.Diagnostics;
using System.Runtime.Versioning;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Doctor;
using Gatehouse.Cli.Doctor.Steps;
using Gatehouse.Cli.Tests.Support;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Tests.Certificates;

/// <summary>Pipes, folders of Kubernetes and what is far too large: the cause is named, and nothing waits for ever.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class WhenFilesAreNoFiles : IDisposable
{
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    [Fact]
    public async Task A_pipe_nobody_writes_to_can_be_given_up()
    {
        var pipe = Path.Combine(_line.Folder, "pipe");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var patience = new CancellationTokenSource();
        var reading = InputFile.ReadAsync(pipe, "file", 100, patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        // The thread that opens is let go, and a pipe with a writer is read like a file.
        var second = InputFile.ReadAsync(pipe, "file", 100, TestContext.Current.CancellationToken);
        using var writer = Process.Start("bash", ["-c", $"printf content > '{pipe}'"]);
        Assert.Equal("content"u8.ToArray(), await second);
    }

    [Fact]
    public void A_pair_that_is_too_large_is_called_so()
    {
        var large = Path.Combine(_line.Folder, "large");
        using (var file = File.Create(large))
        {
            file.SetLength(3L * 1024 * 1024 * 1024);
        }

        var diagnosis = Assert.Single(Check(large, _line.WriteFile("k.key", "x")), one => one.Code == DoctorCodes.FileUnusable && one.Cause.Contains(large, StringComparison.Ordinal));
        Assert.Contains("is larger than 1", diagnosis.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mode_is_mended_where_it_comes_from()
    {
        var ca = CertificateIssuer.CreateCa("/CN=One", 400, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        var client = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/CN=Client", null, 300, KeyKind.Rsa2048, TimeProvider.System.GetUtcNow());
        var (cert, key) = (_line.WriteFile("client.crt", client.CertificatePem), _line.WriteFile("client.key", client.PrivateKeyPem));
        File.SetUnixFileMode(key, File.GetUnixFileMode(key) | UnixFileMode.OtherRead);

        var here = Assert.Single(Check(cert, key), one => one.Code == DoctorCodes.KeyReadableByAll);
        Directory.CreateSymbolicLink(Path.Combine(_line.Folder, "..data"), _line.Folder);
        var pod = Assert.Single(Check(cert, key), one => one.Code == DoctorCodes.KeyReadableByAll);

        Assert.Equal($"chmod 600 {key}", here.Command);
        Assert.DoesNotContain("defaultMode", here.NextStep, StringComparison.Ordinal);
        Assert.Null(pod.Command);
        Assert.Contains("fsGroup", pod.NextStep, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Diagnosis> Check(string certificate, string key)
    {
        var findings = new Findings();
        FileStep.Check(new DoctorInput { Url = "https://customer1.agent.example.io", CertificatePath = certificate, KeyPath = key }, findings, TimeProvider.System.GetUtcNow())?.Dispose();
        return findings.Diagnoses;
    }
}
