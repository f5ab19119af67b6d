using System.Security.Cryptography;
using Gatehouse.Cli.Doctor;
using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Delegate;
using Gatehouse.Pki;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.Doctor;

/// <summary>Broken set-ups, one fault each, against a real gateway: the right cause comes first, in words, with a command.</summary>
[Collection(Clinic.Name)]
public sealed partial class WhenASetupIsBroken(Clinic clinic)
{
    private static async Task<Diagnosis> FirstAsync(string code, DoctorInput input, TimeProvider? time = null)
    {
        var report = await Clinic.ExamineAsync(input, time);
        Assert.True(report.Diagnoses.Count > 0, $"Nothing was found:\n{Told(report)}");
        Assert.True(code == report.Diagnoses[0].Code, $"Expected {code} first:\n{Told(report)}");
        Assert.False(report.Healthy);
        // The token, and whatever stands in a key file, are nobody's business.
        Assert.All((string?[])[input.Token, KeyLine(input.KeyPath)], secret => Assert.True(secret is null || !Told(report).Contains(secret, StringComparison.Ordinal)));
        Assert.All(report.Diagnoses, one => Assert.False(string.IsNullOrWhiteSpace(one.Cause) || string.IsNullOrWhiteSpace(one.NextStep)));
        return report.Diagnoses[0];
    }

    private static string? KeyLine(string? path) => path is not null && path.EndsWith(".key", StringComparison.Ordinal) && File.Exists(path) ? File.ReadLines(path).First(line => line.Length == 64) : null;

    private static string Told(DoctorReport report) =>
        string.Join('\n', report.Diagnoses.Select(one => $"{one.Code}: {one.Cause}").Concat(report.Observations.Select(one => $"  {one.Step}: {one.Seen}")));

    [Fact]
    public async Task A_good_one_is_healthy()
    {
        var report = await Clinic.ExamineAsync(clinic.Good());
        Assert.True(report.Healthy && report.Diagnoses.Count == 0, Told(report));
        Assert.Contains(report.Observations, one => one is { Step: "token", Seen: "accepted" });
        Assert.Contains(report.Observations, one => one.Step == "/log-service/" && one.Seen == "200");
    }

    [Theory]
    [InlineData(DoctorCodes.Placeholder, "https://<subdomain>.agent.harness.io")]
    [InlineData(DoctorCodes.AddressUnusable, "customer1.agent.localhost:8443")]
    [InlineData(DoctorCodes.AddressHttp, "http://customer1.agent.localhost:8443")]
    [InlineData(DoctorCodes.NameUnknown, "https://customer1.agent.invalid:8443")]
    public async Task Address(string code, string url) => await FirstAsync(code, clinic.Good() with { Url = url, ServerCaPath = null });

    [Fact]
    public async Task Address_with_a_path() => await FirstAsync(DoctorCodes.AddressPath, clinic.Good() with { Url = clinic.Good().Url + "/api/" });

    [Fact]
    public async Task Services_past_the_endpoint() =>
        Assert.Contains("/log-service/", (await FirstAsync(DoctorCodes.ServiceElsewhere, clinic.Good() with { LogServiceUrl = "https://app.example.io/log-service/" })).Command);

    [Fact]
    public async Task Proxy_that_is_no_address() => await FirstAsync(DoctorCodes.ProxyUnusable, clinic.Good() with { ProxyUrl = "socks5://proxy:1080" });

    [Fact]
    public async Task A_secret_of_type_tls_is_no_fault()
    {
        var folder = Directory.CreateDirectory(clinic.File_("of-type-tls")).FullName;
        File.Copy(clinic.Good().CertificatePath!, Path.Combine(folder, "tls.crt"));
        File.Copy(clinic.Good().KeyPath!, Path.Combine(folder, "tls.key"));
        File.Copy(clinic.ServerCa, Path.Combine(folder, "ca.crt"));
        var report = await Clinic.ExamineAsync(clinic.Good() with { CertificatePath = Path.Combine(folder, "client.crt"), KeyPath = Path.Combine(folder, "client.key"), ServerCaPath = null });
        Assert.True(report.Diagnoses.Count == 0, Told(report));
        Assert.Contains("takes " + Path.Combine(folder, "tls.crt"), Told(report), StringComparison.Ordinal);
    }

    /// <summary>The delegate's own code tells of its own files.</summary>
    [Fact]
    public async Task Files_that_the_running_delegate_did_not_take_over()
    {
        var roots = Directory.CreateDirectory(clinic.File_("roots-of-one-that-runs")).FullName;
        var root = Path.Combine(roots, "root.crt");
        File.Copy(clinic.ServerCa, root);
        var identity = ClientIdentity.Load(new IdentityFiles(clinic.Good().CertificatePath, clinic.Good().KeyPath, roots), TimeProvider.System, Assert.Fail);
        using var end = new CancellationTokenSource();
        using var local = new LocalHttp(0, _ => new LocalAnswer(503, "application/json", HealthOf(identity)), TimeProvider.System);
        var serving = local.RunAsync(end.Token);
        Assert.Empty((await Clinic.ExamineAsync(clinic.Good() with { HealthPort = local.Port })).Diagnoses);

        await File.WriteAllTextAsync(root, "half a", TestContext.Current.CancellationToken);
        Assert.False(identity.Check());
        var report = await Clinic.ExamineAsync(clinic.Good() with { HealthPort = local.Port });
        var only = Assert.Single(report.Diagnoses);
        Assert.Equal((DoctorCodes.NotTakenOver, true), (only.Code, report.Healthy));
        Assert.Contains($"The server roots of {root} cannot be used any more", only.Cause, StringComparison.Ordinal);
        Assert.Contains(identity.Current.Facts.SerialNumber, only.Cause, StringComparison.Ordinal);
        await end.CancelAsync();
        await serving;
    }

    private static string HealthOf(ClientIdentity identity)
    {
        using var buffer = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            new CertificateText(identity).WriteTo(json);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    [Fact]
    public async Task Half_a_pair() => await FirstAsync(DoctorCodes.HalfPair, clinic.Good() with { KeyPath = null });

    [Fact]
    public async Task File_that_is_not_there() => Assert.Contains("tls.crt", (await FirstAsync(DoctorCodes.FileMissing, clinic.Good() with { CertificatePath = clinic.File_("nowhere.crt") })).NextStep);

    [Fact]
    public async Task Folder_made_by_docker()
    {
        Directory.CreateDirectory(clinic.File_("mounted.key"));
        Assert.Contains("Docker", (await FirstAsync(DoctorCodes.FileIsFolder, clinic.Good() with { KeyPath = clinic.File_("mounted.key") })).Cause);
    }

    // Root reads everything but this.
    [Fact]
    public async Task File_that_cannot_be_read() => await FirstAsync(DoctorCodes.FileUnreadable, clinic.Good() with { KeyPath = "/proc/self/mem" });

    [Fact]
    public async Task File_that_is_nothing() => await FirstAsync(DoctorCodes.FileUnusable, clinic.Good() with { CertificatePath = clinic.Write("noise.crt", "{CERT}") });

    [Fact]
    public async Task Request_in_place_of_the_certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var first = await FirstAsync(ClientLintCodes.NoCertificate, clinic.Good() with { CertificatePath = clinic.Write("request.crt", request) });
        Assert.Contains("certificate request (CSR)", first.Cause);
        Assert.StartsWith("gatehouse certs sign", first.Command);
    }

    [Fact]
    public async Task Files_swapped() =>
        Assert.Contains("private key", (await FirstAsync(ClientLintCodes.NoCertificate, clinic.Good() with { CertificatePath = clinic.Good().KeyPath, KeyPath = clinic.Good().CertificatePath })).Cause);

    [Fact]
    public async Task Key_of_another_certificate() =>
        Assert.Contains("do not match", (await FirstAsync(ClientLintCodes.KeyMismatch, clinic.Good() with { KeyPath = clinic.WriteSecret("other.key", clinic.Client().PrivateKeyPem) })).Cause);

    [Fact]
    public async Task Key_that_is_encrypted()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(clinic.Good().KeyPath!));
        var text = key.ExportEncryptedPkcs8PrivateKeyPem("word", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        await FirstAsync(ClientLintCodes.KeyUnusable, clinic.Good() with { KeyPath = clinic.WriteSecret("encrypted.key", text) });
    }

    [Fact]
    public async Task Key_in_the_old_encryption()
    {
        var path = clinic.File_("legacy.key");
        await CommandLine.MustAsync("openssl", "ec", "-in", clinic.Good().KeyPath!, "-aes256", "-passout", "pass:word", "-out", path);
        Assert.Contains("old format", (await FirstAsync(ClientLintCodes.KeyUnusable, clinic.Good() with { KeyPath = path })).Cause);
    }

    [Fact]
    public async Task The_ca_in_place_of_the_client() => await FirstAsync(ClientLintCodes.CaCertificate, clinic.With(clinic.Ca(), "the-ca"));

    [Fact]
    public async Task Clock_that_is_wrong() =>
        Assert.Contains("behind", (await FirstAsync(DoctorCodes.ClockWrong, clinic.Good(), new OtherClock(TimeSpan.FromDays(-400)))).Cause);

    [Fact]
    public async Task Certificate_that_expired() => await FirstAsync("certificate_expired", clinic.With(clinic.Client(TimeProvider.System.GetUtcNow().AddYears(-2), 30), "expired"));

    [Fact]
    public async Task Certificate_of_tomorrow() => await FirstAsync("certificate_not_yet_valid", clinic.With(clinic.Client(TimeProvider.System.GetUtcNow().AddDays(1)), "tomorrow"));

    [Fact]
    public async Task Certificate_for_servers() => await FirstAsync("certificate_purpose", clinic.With(clinic.ServerPurpose(), "purpose"));

    [Fact]
    public async Task Certificate_with_a_short_key() => await FirstAsync("certificate_weak", clinic.With(clinic.Weak(), "weak"));

    [Fact]
    public async Task Certificate_of_another_ca() => Assert.StartsWith("gatehouse certs verify", (await FirstAsync("certificate_unknown_ca", clinic.With(clinic.OfStranger(), "stranger"))).Command);

    [Fact]
    public async Task Chain_without_its_intermediate() => await FirstAsync("certificate_chain_incomplete", clinic.With(clinic.BelowIntermediate(), "below"));

    [Fact]
    public async Task Certificate_that_is_denied()
    {
        var denied = clinic.With(clinic.Client(), "denied");
        using var file = PkiFile.Read(File.ReadAllBytes(denied.CertificatePath!));
        await clinic.Operator.DenyAsync("acme", new DenyRequest { Kind = "sha256", Value = CertificateFacts.TryRead(file.Certificates[0])!.Sha256 }, TestContext.Current.CancellationToken);
        await FirstAsync("certificate_denied", denied);
    }

    [Fact]
    public async Task No_certificate() => await FirstAsync("client_certificate_required", clinic.Good() with { CertificatePath = null, KeyPath = null });

    [Fact]
    public async Task Name_that_nobody_has() => await FirstAsync("sni_unknown", clinic.Good() with { Url = $"https://custmer1.agent.localhost:{clinic.AgentPort}" });

    [Fact]
    public async Task Endpoint_of_another_account()
    {
        var there = clinic.With(clinic.OfStranger(), "elsewhere") with { Url = $"https://customer2.agent.localhost:{clinic.AgentPort}" };
        await FirstAsync("account_mismatch", there);
        Assert.Contains("customer1.agent.localhost", (await FirstAsync(DoctorCodes.OtherHost, there with { Operator = clinic.Operator })).Cause);
    }

    [Fact]
    public async Task Host_that_is_not_the_endpoint() => await FirstAsync(DoctorCodes.CertificateNotRequested, clinic.Good() with { Url = $"https://gatehouse.localhost:{clinic.AgentPort}" });

    [Theory]
    [InlineData(DoctorCodes.TokenMalformed, "bm90IGEgdG9rZW4=")]
    [InlineData(DoctorCodes.TokenRefused, "00112233445566778899aabbccddeeff")]
    public async Task Token(string code, string token) => await FirstAsync(code, clinic.Good() with { Token = token });

    [Fact]
    public async Task The_operators_side_tells_even_when_nothing_can_be_reached()
    {
        var report = await Clinic.ExamineAsync(clinic.With(clinic.OfStranger(), "offline") with { Connect = $"127.0.0.1:{FreePorts.Next()}", Operator = clinic.Operator });
        Assert.Equal([DoctorCodes.ConnectionRefused, "certificate_unknown_ca"], report.Diagnoses.Select(one => one.Code));
    }

    [Fact]
    public async Task Mounts_and_modes_are_warned_of()
    {
        var open = clinic.Write("open.key", File.ReadAllText(clinic.Good().KeyPath!));
        var table = clinic.Write("mountinfo", $"36 35 98:0 /x {clinic.Good().CertificatePath} rw,noatime - ext4 /dev/root rw\n");
        var report = await Clinic.ExamineAsync(clinic.Good() with { KeyPath = open, MountTable = table });
        Assert.True(report.Healthy, Told(report));
        Assert.Equal([DoctorCodes.SingleFileMount, DoctorCodes.KeyReadableByAll], report.Diagnoses.Select(one => one.Code));
    }

    /// <summary>A clock that goes wrong by a fixed time.</summary>
    private sealed class OtherClock(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + off;
    }
}
