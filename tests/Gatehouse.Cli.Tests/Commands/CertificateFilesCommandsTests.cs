using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Gatehouse.Cli.Commands;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Commands;

/// <summary>The commands that work with files of others: sign, renew, convert, lint, bundle; and passwords.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CertificateFilesCommandsTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly CommandLine _line = new();

    public void Dispose() => _line.Dispose();

    private string Text(string name) => File.ReadAllText(Path.Combine(_line.Folder, name));

    private UnixFileMode Mode(string name) => File.GetUnixFileMode(Path.Combine(_line.Folder, name));

    private Task<Ended> CertsAsync(params string[] arguments) => _line.RunAsync(["certs", .. arguments]);

    private async Task<Ended> ShellAsync(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script])
        {
            WorkingDirectory = _line.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        return await CommandLine.EndOfAsync(process);
    }

    private async Task CaAsync() => Assert.Equal(0, (await CertsAsync("create-ca", "--out", ".", "--key", "ec:p256")).ExitCode);

    [Fact]
    public async Task Sign_Renew_Verify_WithARequestOfOpenSsl_AndAnEncryptedCaKey()
    {
        await CaAsync();
        await ShellAsync("""
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/O=Example ORG/CN=Client' -keyout d7.key -out d7.csr
            openssl pkcs8 -topk8 -in ca.key -passout pass:'two words' -out ca.enc; echo 'two words' > word
            """);

        var refused = await CertsAsync("sign", "d7.csr", "--ca", "ca.crt", "--ca-key", "ca.enc");
        var signed = await CertsAsync("sign", "d7.csr", "--ca", "ca.crt", "--ca-key", "ca.enc", "--ca-key-password-file", "word", "--days", "9999");
        var verified = await CertsAsync("verify", "d7.crt", "--ca", "ca.crt", "--key", "d7.key");
        var renewed = await CertsAsync("renew", "d7.crt", "--ca", "ca.crt", "--ca-key", "ca.key", "--out", "new");
        var openSsl = await ShellAsync("openssl verify -x509_strict -purpose sslclient -CAfile ca.crt d7.crt new/d7.crt");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--ca-key-password-file", refused.Error, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0, 0), (signed.ExitCode, verified.ExitCode, renewed.ExitCode, openSsl.ExitCode));
        Assert.Contains("Warning: Valid for 9999 days", signed.Error, StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, Mode("new/d7.key"));
        Assert.DoesNotContain("two words", refused.Error + signed.Out + signed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APassword_IsAskedForOnATerminal_AndNotShown()
    {
        await CaAsync();
        await ShellAsync("openssl pkcs8 -topk8 -in ca.key -passout pass:typed -out ca.enc");
        var program = Path.Combine(AppContext.BaseDirectory, "Gatehouse.Cli.dll");

        // script (util-linux) gives the program a terminal.
        using var process = Process.Start(new ProcessStartInfo("script", ["-qec", $"tty; exec dotnet '{program}' certs create-client --ca ca.crt --ca-key ca.enc --out client --key ec:p256", "/dev/null"])
        {
            WorkingDirectory = _line.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var shown = new StringBuilder();
        while (!shown.ToString().EndsWith("Password of the CA key 'ca.enc': ", StringComparison.Ordinal))
        {
            var next = process.StandardOutput.Read();
            Assert.True(next >= 0, shown.ToString());
            shown.Append((char)next);
        }

        // The echo goes off with the first read, a moment after the words.
        var terminal = shown.ToString().Split('\r')[0];
        while (!(await ShellAsync($"stty -F {terminal} -a")).Out.Contains(" -echo ", StringComparison.Ordinal))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        await process.StandardInput.WriteAsync("typed\r");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        shown.Append(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(File.Exists(Path.Combine(_line.Folder, "client/client.key")), shown.ToString());
        Assert.DoesNotContain("typed", shown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Convert_ThereAndBack()
    {
        await CaAsync();
        await CertsAsync("create-client", "--ca", "ca.crt", "--ca-key", "ca.key", "--out", ".", "--key", "ec:p256");
        _line.WriteFile("word", "new word\n");

        var p12 = await CertsAsync("convert", "client.crt", "client.key", "--to", "pkcs12", "--new-password-file", "word", "--out", "p12");
        var pem = await CertsAsync("convert", "p12/client.p12", "--password-file", "word", "--out", "pem");
        var inPlace = await CertsAsync("convert", "client.crt", "client.key", "--out", ".");

        Assert.Equal((0, 0, 2), (p12.ExitCode, pem.ExitCode, inPlace.ExitCode));
        Assert.Equal((OwnerOnly, OwnerOnly), (Mode("p12/client.p12"), Mode("pem/client.key")));
        Assert.Equal(Text("client.crt"), Text("pem/client.crt"));
        var check = await CertsAsync("verify", "pem/client.crt", "--ca", "ca.crt", "--key", "pem/client.key", "--output", "json");
        Assert.True(JsonDocument.Parse(check.Out).RootElement.GetProperty("accepted").GetBoolean());
        Assert.Equal(0, (await ShellAsync("openssl pkcs12 -in p12/client.p12 -passin file:word -nodes | openssl x509 -noout")).ExitCode);
    }

    [Fact]
    public async Task Bundle_TakesWhatTheServerWouldTake()
    {
        await CaAsync();
        await CertsAsync("create-ca", "--out", "two", "--key", "ec:p256", "--subject", "/CN=Two");
        await CertsAsync("create-client", "--ca", "ca.crt", "--ca-key", "ca.key", "--out", ".", "--key", "ec:p256");
        _line.WriteFile("both.pem", Text("two/ca.crt") + Text("two/ca.key"));

        var made = await CertsAsync("bundle", "add", "bundle.crt", "ca.crt", "both.pem", "ca.crt");
        var leaf = await CertsAsync("bundle", "add", "bundle.crt", "client.crt");
        var list = await CertsAsync("bundle", "list", "bundle.crt", "--output", "json");
        var removed = await CertsAsync("bundle", "remove", "bundle.crt", "--place", "1");
        var last = await CertsAsync("bundle", "remove", "bundle.crt", "--place", "1");
        var keyed = await CertsAsync("bundle", "remove", "both.pem", "--place", "1");

        Assert.Equal((0, 2, 0, 0, 2, 2), (made.ExitCode, leaf.ExitCode, list.ExitCode, removed.ExitCode, last.ExitCode, keyed.ExitCode));
        Assert.Contains("left out of the bundle", made.Error, StringComparison.Ordinal);
        Assert.Contains("(a leaf)", leaf.Error, StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(list.Out).RootElement.GetProperty("anchors").GetArrayLength());
        Assert.Equal(Text("two/ca.crt"), Text("bundle.crt"));
        Assert.Contains("PRIVATE KEY", Text("both.pem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lint_SaysWhatTheServerSays_WithTheCommand()
    {
        await CaAsync();
        _line.WriteFile("both.pem", Text("ca.crt") + Text("ca.key"));
        await ShellAsync("openssl req -x509 -sha1 -nodes -days 9 -newkey rsa:1024 -subj '/O=DigiCert Inc/CN=X' -keyout weak.key -out weak.crt");

        var good = await CertsAsync("lint", "ca.crt");
        var key = await CertsAsync("lint", "both.pem");
        var weak = await CertsAsync("lint", "weak.crt");
        var swapped = await CertsAsync("lint", "--client", "ca.key");

        Assert.Equal((0, 1, 1, 1), (good.ExitCode, key.ExitCode, weak.ExitCode, swapped.ExitCode));
        Assert.Contains("has not left this machine", key.Out, StringComparison.Ordinal);
        Assert.All(["weak_key", "weak_signature", "expires_soon", "public_ca"], code => Assert.Contains(code, weak.Out, StringComparison.Ordinal));
        Assert.Contains("  gatehouse certs create-ca --out new-ca", weak.Out, StringComparison.Ordinal);
        Assert.Contains("This is the private key", swapped.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void NoOption_TakesAPassword() =>
        Assert.All(
            CommandTree.Build().Subcommands.Single(command => command.Name == "certs").Subcommands.SelectMany(command => command.Subcommands.Append(command)).SelectMany(command => command.Options),
            option => Assert.True(!option.Name.Contains("password", StringComparison.Ordinal) || option.Name.EndsWith("-file", StringComparison.Ordinal), option.Name));
}
