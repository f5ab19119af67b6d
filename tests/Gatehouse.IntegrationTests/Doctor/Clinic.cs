using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Cli.Doctor;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Pki;

namespace Gatehouse.IntegrationTests.Doctor;

/// <summary>A running gateway with a STRICT account, good files for it, and everything that is needed to break one thing at a time.</summary>
[CollectionDefinition(Name)]
public sealed class Clinic : IAsyncLifetime, ICollectionFixture<Clinic>
{
    public const string Name = "clinic";

    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private readonly IssuedCertificate _ca = CertificateIssuer.CreateCa("/O=Acme/CN=Acme CA", 3650, KeyKind.EcP256, s_now.AddYears(-4));
    private readonly IssuedCertificate _stranger = CertificateIssuer.CreateCa("/O=Stranger/CN=Stranger CA", 3650, KeyKind.EcP256, s_now);
    private GatehouseSystem _system = null!;

    internal string Token { get; private set; } = "";

    internal OperatorClient Operator { get; private set; } = null!;

    internal int AgentPort => _system.AgentPort;

    internal int OperatorPort => new Uri(_system.OperatorUrl).Port;

    internal string ServerCa => _system.ServerCa;

    /// <summary>The root of the test's own servers.</summary>
    internal IssuedCertificate TestRoot { get; } = CertificateIssuer.CreateCa("/O=Test/CN=Test Root", 30, KeyKind.EcP256, s_now);

    public async ValueTask InitializeAsync()
    {
        _system = await GatehouseSystem.StartAsync(new Dictionary<string, string?> { ["GATEHOUSE__AGENT__LIMITS__REFUSALSPERSECOND"] = "0" });
        Operator = new OperatorClient(new Uri(_system.OperatorUrl), File.ReadAllText(Path.Combine(_system.Data, "operator.key")).Trim());
        foreach (var (account, prefix, ca) in ((string, string, IssuedCertificate)[])[("acme", "customer1", _ca), ("umbrella", "customer2", _stranger), ("mixed", "customer3", _stranger)])
            await AccountAsync(account, prefix, ca);
        Token = (await Operator.CreateTokenAsync("acme", new CreateTokenRequest("fleet"), CancellationToken.None)).Value!;
        Write("test-root.crt", TestRoot.CertificatePem);
        var client = Client();
        Write("client.crt", client.CertificatePem);
        WriteSecret("client.key", client.PrivateKeyPem);
    }

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await _system.DisposeAsync();
    }

    /// <summary>A set-up without fault.</summary>
    internal DoctorInput Good() => new()
    {
        Url = $"https://customer1.agent.localhost:{AgentPort}",
        CertificatePath = File_("client.crt"),
        KeyPath = File_("client.key"),
        ServerCaPath = ServerCa,
        Account = "acme",
        Token = Token,
        MountTable = File_("none"),
    };

    internal static async Task<DoctorReport> ExamineAsync(DoctorInput input, TimeProvider? time = null) =>
        await new Examination(input, time ?? TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);

    /// <summary>The good set-up with another pair.</summary>
    internal DoctorInput With(IssuedCertificate pair, string name) => Good() with { CertificatePath = Write(name + ".crt", pair.CertificatePem), KeyPath = WriteSecret(name + ".key", pair.PrivateKeyPem) };

    internal IssuedCertificate Client(DateTimeOffset? at = null, int days = 365) => CertificateIssuer.CreateClient(_ca.CertificatePem, _ca.PrivateKeyPem, "/O=Acme/CN=delegate", "delegate", days, KeyKind.EcP256, at ?? s_now);

    internal IssuedCertificate ServerPurpose() => CertificateIssuer.CreateServer(_ca.CertificatePem, _ca.PrivateKeyPem, ["delegate"], 365, KeyKind.EcP256, s_now);

    internal IssuedCertificate OfStranger() => CertificateIssuer.CreateClient(_stranger.CertificatePem, _stranger.PrivateKeyPem, "/CN=delegate", "delegate", 365, KeyKind.EcP256, s_now);

    internal IssuedCertificate Ca() => _ca;

    /// <summary>A client below an intermediate that is not in its file.</summary>
    internal IssuedCertificate BelowIntermediate()
    {
        using var root = X509Certificate2.CreateFromPem(_ca.CertificatePem, _ca.PrivateKeyPem);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Issuing CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var issuing = request.Create(root, s_now.AddMinutes(-1), s_now.AddDays(100), RandomNumberGenerator.GetBytes(8));
        return CertificateIssuer.CreateClient(issuing.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), "/CN=delegate", "delegate", 30, KeyKind.EcP256, s_now);
    }

    /// <summary>A client with a key that is too short.</summary>
    internal IssuedCertificate Weak()
    {
        using var root = X509Certificate2.CreateFromPem(_ca.CertificatePem, _ca.PrivateKeyPem);
        using var key = RSA.Create(1024);
        var request = new CertificateRequest("CN=weak", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(root.GetECDsaPrivateKey()!), s_now.AddMinutes(-1), s_now.AddDays(30), RandomNumberGenerator.GetBytes(8));
        return new IssuedCertificate(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A server certificate for the tests' own listeners, of their root or of another.</summary>
    internal X509Certificate2 Server(string host, IssuedCertificate? root = null, DateTimeOffset? at = null, int days = 20)
    {
        root ??= TestRoot;
        var server = CertificateIssuer.CreateServer(root.CertificatePem, root.PrivateKeyPem, [host], days, KeyKind.EcP256, at ?? s_now);
        return X509Certificate2.CreateFromPem(server.CertificatePem, server.PrivateKeyPem);
    }

    /// <summary>Everything the server has written: its files (but the one that it keeps locked) and what it printed.</summary>
    internal IEnumerable<string> WhatTheServerWrote() =>
        Directory.EnumerateFiles(_system.Data, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "lock").Select(ReadShared).Append(_system.Server.Output);

    internal string File_(string name) => _system.Directory.File(name);

    internal string Write(string name, string text)
    {
        File.WriteAllText(File_(name), text);
        return File_(name);
    }

    internal string WriteSecret(string name, string text)
    {
        var path = Write(name, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private async Task AccountAsync(string account, string prefix, IssuedCertificate ca)
    {
        await Operator.CreateAccountAsync(new CreateAccountRequest(account), CancellationToken.None);
        await Operator.CreateEndpointAsync(account, new MtlsEndpointRequest { DomainPrefix = prefix, CaCertificates = ca.CertificatePem, Mode = "STRICT" }, CancellationToken.None);
    }

    // The database is open.
    private static string ReadShared(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            return reader.ReadToEnd();
        }
        catch (FileNotFoundException)
        {
            return ""; // Gone since it was listed.
        }
    }
}
