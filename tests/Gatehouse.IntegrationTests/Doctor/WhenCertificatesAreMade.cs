using Gatehouse.Client.Operator;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Pki;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests.Doctor;

/// <summary>Certificates of our making, of OpenSSL's, and mixed: curl gets in with each of them, and the gateway's own check says so before.</summary>
[Collection(Clinic.Name)]
public sealed class WhenCertificatesAreMade(Clinic clinic)
{
    [Fact]
    public async Task Curl_gets_in_with_each_of_them()
    {
        var now = TimeProvider.System.GetUtcNow();
        var openSsl = new OpenSsl(clinic.File_("."));
        var theirs = await openSsl.CreateCaAsync("theirs");
        var our = CertificateIssuer.CreateCa("/O=Example ORG/CN=Our CA", 9999, KeyKind.Rsa2048, now, pathLength: 0);
        var ours = new OpenSsl.Pair(clinic.Write("ours.crt", our.CertificatePem), clinic.WriteSecret("ours.key", our.PrivateKeyPem));
        var bundle = ours.CertificatePem + theirs.CertificatePem;
        await clinic.Operator.ChangeEndpointAsync("mixed", new MtlsEndpointRequest { CaCertificates = bundle }, TestContext.Current.CancellationToken);

        var recipe = await openSsl.CreateClientAsync(ours, "recipe-by-ours");
        var requested = await RequestAsync("requested");
        List<(string Name, OpenSsl.Pair Pair)> clients =
        [
            ("OpenSSL's leaf by our CA", recipe),
            ("our leaf by our CA", Save("c1", CertificateIssuer.CreateClient(our.CertificatePem, our.PrivateKeyPem, "/CN=c1", "c1", 365, KeyKind.Rsa2048, now))),
            ("our leaf by OpenSSL's CA", Save("c2", CertificateIssuer.CreateClient(theirs.CertificatePem, theirs.KeyPem, "/CN=c2", "c2", 365, KeyKind.EcP256, now))),
            ("OpenSSL's request, signed by us with OpenSSL's CA", requested with
            {
                Certificate = clinic.Write("requested.crt", CertificateIssuer.Sign(theirs.CertificatePem, theirs.KeyPem, Read(clinic.File_("requested.csr")), null, null, 30, now).CertificatePem),
            }),
            ("OpenSSL's leaf, renewed for the same key", recipe with
            {
                Certificate = clinic.Write("renewed.crt", CertificateIssuer.RenewForSameKey(our.CertificatePem, our.PrivateKeyPem, Read(recipe.Certificate), 30, now)),
            }),
        ];

        var curl = new Curl(clinic.AgentPort, clinic.ServerCa);
        foreach (var (name, pair) in clients)
        {
            using PkiFile certificate = Read(pair.Certificate), key = Read(pair.Key);
            Assert.True(ClientCheck.Run(certificate, key, bundle, TimeProvider.System.GetUtcNow()).Accepted, name);
            var answer = await curl.GetAsync("customer3.agent.localhost", "/api/account/mixed/status", pair);
            Assert.True(answer.Status == 200, $"{name}: {answer.Status} {answer.Body} {answer.Command.All}");
        }
    }

    /// <summary>Somebody uploads the CA with its key, past the command line that would have stopped it.</summary>
    [Fact]
    public async Task A_key_that_is_uploaded_is_refused_and_kept_nowhere()
    {
        var ca = CertificateIssuer.CreateCa("/CN=Careless", 100, KeyKind.EcP256, TimeProvider.System.GetUtcNow());
        var request = new MtlsEndpointRequest { CaCertificates = ca.CertificatePem + ca.PrivateKeyPem };

        var refused = await Assert.ThrowsAsync<OperatorApiException>(() => clinic.Operator.ChangeEndpointAsync("mixed", request, TestContext.Current.CancellationToken));

        Assert.Contains("must now be considered exposed", refused.Message);
        Assert.Contains("gatehouse certs create-ca", refused.Message);
        var secret = ca.PrivateKeyPem.Split('\n')[1];
        Assert.All(clinic.WhatTheServerWrote().Append(refused.ToString()), text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }

    private OpenSsl.Pair Save(string name, IssuedCertificate issued) => new(clinic.Write(name + ".crt", issued.CertificatePem), clinic.WriteSecret(name + ".key", issued.PrivateKeyPem));

    private async Task<OpenSsl.Pair> RequestAsync(string name)
    {
        await CommandLine.MustAsync("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=Example ORG/CN=Requested", "-keyout", clinic.File_(name + ".key"), "-out", clinic.File_(name + ".csr"));
        return new OpenSsl.Pair("", clinic.File_(name + ".key"));
    }

    private static PkiFile Read(string path) => PkiFile.Read(File.ReadAllBytes(path));
}
