namespace Gatehouse.Testing;

/// <summary>Certificates made by OpenSSL's own command line, in one folder.</summary>
public sealed class OpenSsl(string directory)
{
    /// <summary>A certificate and its key, as files.</summary>
    public sealed record Pair(string Certificate, string Key)
    {
        public string CertificatePem => File.ReadAllText(Certificate);
        public string KeyPem => File.ReadAllText(Key);
    }

    /// <summary>The CA of the documented recipe: 2048-bit RSA, no password, 9,999 days.</summary>
    public async Task<Pair> CreateCaAsync(string name = "ca", string subject = "/O=Example ORG/CN=CA Cert")
    {
        var pair = PairOf(name);
        await CommandLine.MustAsync("openssl", "req", "-x509", "-sha256", "-nodes", "-days", "9999", "-newkey", "rsa:2048",
            "-subj", subject, "-keyout", pair.Key, "-out", pair.Certificate);
        return pair;
    }

    /// <summary>The client certificate of the documented recipe: a CSR and an empty extension section, so an X.509 v1 leaf with OpenSSL 3.0.</summary>
    public Task<Pair> CreateClientAsync(Pair ca, string name = "client", string extensions = "# empty") =>
        SignAsync(ca, name, "Client", extensions, "-days", "9999");

    /// <summary>A sub CA.</summary>
    public Task<Pair> CreateIntermediateAsync(Pair ca, string name = "intermediate") =>
        SignAsync(ca, name, "Intermediate", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid", "-days", "3650");

    /// <summary>A client certificate that ended in the past: OpenSSL 3.0 sets such dates with its <c>ca</c> command only.</summary>
    public async Task<Pair> CreateExpiredClientAsync(Pair ca, string name = "expired")
    {
        var pair = PairOf(name);
        var work = Directory.CreateDirectory(Path.Combine(directory, name + "-ca")).FullName;
        var configuration = Path.Combine(work, "ca.cnf");
        await File.WriteAllTextAsync(configuration, $"""
            [ca]
            default_ca = this
            [this]
            database = {work}/index.txt
            new_certs_dir = {work}
            serial = {work}/serial
            default_md = sha256
            policy = any
            [any]
            organizationName = optional
            commonName = supplied
            [req]
            prompt = no
            distinguished_name = dn
            [dn]
            O = Example ORG
            CN = Client
            """);
        await File.WriteAllTextAsync(Path.Combine(work, "index.txt"), "");
        await File.WriteAllTextAsync(Path.Combine(work, "serial"), "1000\n");
        var request = Path.Combine(work, "client.csr");
        await CommandLine.MustAsync("openssl", "req", "-new", "-newkey", "rsa:2048", "-config", configuration, "-nodes", "-out", request, "-keyout", pair.Key);
        await CommandLine.MustAsync("openssl", "ca", "-batch", "-notext", "-config", configuration, "-cert", ca.Certificate, "-keyfile", ca.Key,
            "-in", request, "-out", pair.Certificate, "-startdate", "20200101000000Z", "-enddate", "20200201000000Z");
        return pair;
    }

    private async Task<Pair> SignAsync(Pair ca, string name, string commonName, string extensions, params string[] days)
    {
        var pair = PairOf(name);
        var configuration = Path.Combine(directory, name + ".cnf");
        var request = Path.Combine(directory, name + ".csr");
        await File.WriteAllTextAsync(configuration, $"""
            [req]
            default_bits = 2048
            prompt = no
            default_md = sha256
            x509_extensions = v3_req
            distinguished_name = dn

            [dn]
            O = Example ORG
            CN = {commonName}

            [v3_req]
            {extensions}
            """);
        await CommandLine.MustAsync("openssl", "req", "-new", "-config", configuration, "-nodes", "-out", request, "-keyout", pair.Key);
        // A file of its own for the serial number: tests that sign with one CA at the same time would take each other's.
        await CommandLine.MustAsync("openssl", ["x509", "-req", "-sha256", .. days, "-extfile", configuration, "-extensions", "v3_req",
            "-CAcreateserial", "-CAserial", Path.Combine(directory, name + ".srl"), "-CA", ca.Certificate, "-CAkey", ca.Key, "-in", request, "-out", pair.Certificate]);
        return pair;
    }

    private Pair PairOf(string name) => new(Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"));
}
