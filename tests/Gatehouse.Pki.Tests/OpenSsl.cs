using System.Diagnostics;
using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Tests;

/// <summary>OpenSSL's command line in a folder of its own: the independent witness. Missing OpenSSL fails the test.</summary>
internal sealed class OpenSsl : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gatehouse-pki-");

    // Unless a test is about RSA: making 2048-bit keys is what takes time here.
    private static readonly string[] s_ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

    public string Text(string file) => File.ReadAllText(Path.Combine(_folder.FullName, file));

    public byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(_folder.FullName, file));

    public bool Exists(string file) => File.Exists(Path.Combine(_folder.FullName, file));

    public byte[] Der(string file) => PemText.Read(Text(file), 10).First(block => block.IsCertificate).Der!;

    public void WriteBytes(string file, byte[] content) => File.WriteAllBytes(Path.Combine(_folder.FullName, file), content);

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder.FullName, file), text);

    /// <summary>Runs openssl; a failure fails the test.</summary>
    public string Run(params string[] arguments)
    {
        (int code, string output) = Try(arguments);
        Assert.True(code == 0, $"openssl {string.Join(' ', arguments)}\n{output}");
        return output;
    }

    /// <summary>Runs openssl and returns its exit code with everything it printed.</summary>
    public (int Code, string Output) Try(params string[] arguments) => Start("openssl", arguments);

    /// <summary>Runs another program here; a failure fails the test.</summary>
    public string RunProgram(string program, params string[] arguments)
    {
        (int code, string output) = Start(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}\n{output}");
        return output;
    }

    private (int Code, string Output) Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    /// <summary>The documented recipe's CA, in other files and with another subject if wanted.</summary>
    public void RecipeCa(string name = "ca", string subject = "/O=Example ORG/CN=CA Cert") => Run(
        "req", "-x509", "-sha256", "-nodes", "-days", "9999", "-newkey", "rsa:2048", "-subj", subject, "-keyout", name + ".key", "-out", name + ".crt");

    /// <summary>A CA of the recipe's name that is quicker to make.</summary>
    public void QuickCa(string name = "ca", string subject = "/O=Example ORG/CN=CA Cert") => Root(name, subject, "basicConstraints=critical,CA:TRUE");

    /// <summary>The documented recipe's client certificate: an empty extension section, so X.509 v1.</summary>
    public void RecipeClient(string name = "client", string ca = "ca")
    {
        Write("client.cnf", "[req]\ndefault_bits = 2048\nprompt = no\ndefault_md = sha256\nx509_extensions = v3_req\ndistinguished_name = dn\n\n[dn]\nO = Example ORG\nCN = Client\n\n[v3_req]\n# empty\n");
        Run("req", "-new", "-config", "client.cnf", "-nodes", "-out", name + ".csr", "-keyout", name + ".key");
        Run("x509", "-req", "-sha256", "-days", "9999", "-extfile", "client.cnf", "-extensions", "v3_req", "-CAcreateserial",
            "-CA", ca + ".crt", "-CAkey", ca + ".key", "-in", name + ".csr", "-out", name + ".crt");
    }

    /// <summary>A self-signed certificate with these extension lines.</summary>
    public void Root(string name, string subject, string extensions, string[]? key = null, params string[] more)
    {
        Write(name + ".cnf", $"[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=e\n[dn]\nCN=x\n[e]\n{extensions}\n");
        Run(["req", "-x509", "-config", name + ".cnf", "-nodes", "-days", "365", .. key ?? s_ec, "-subj", subject, "-keyout", name + ".key", "-out", name + ".crt", .. more]);
    }

    /// <summary>A certificate issued by <paramref name="ca"/> with these extension lines (none: X.509 v1).</summary>
    public void Issue(string name, string ca, string subject, string extensions, string[]? key = null, params string[] more)
    {
        Write(name + ".ext", $"[e]\n{extensions}\n");
        Run(["req", "-new", "-nodes", .. key ?? s_ec, "-subj", subject, "-keyout", name + ".key", "-out", name + ".csr"]);
        Run(["x509", "-req", "-days", "90", "-extfile", name + ".ext", "-extensions", "e", "-CAcreateserial", "-CA", ca + ".crt", "-CAkey", ca + ".key", "-in", name + ".csr", "-out", name + ".crt", .. more]);
    }

    /// <summary>Our verdict and OpenSSL's on the same files.</summary>
    public (Verdict Ours, bool OpenSslAccepts) Judge(string leaf, string[] anchors, string[] intermediates, DateTimeOffset? at = null)
    {
        DateTimeOffset now = at ?? TimeProvider.System.GetUtcNow();
        var arguments = new List<string> { "verify", "-purpose", "sslclient", "-partial_chain", "-no-CAfile", "-no-CApath", "-no-CAstore", "-attime", now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture) };
        foreach (string anchor in anchors)
            arguments.AddRange(["-trusted", anchor + ".crt"]);
        foreach (string intermediate in intermediates)
            arguments.AddRange(["-untrusted", intermediate + ".crt"]);
        (int code, _) = Try([.. arguments, leaf + ".crt"]);
        Verdict ours = ClientChainVerifier.Verify(Der(leaf + ".crt"), [.. intermediates.Select(file => (ReadOnlyMemory<byte>)Der(file + ".crt"))],
            TrustAnchors.Parse(string.Concat(anchors.Select(file => Text(file + ".crt")))), now);
        return (ours, code == 0);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
