using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

internal static class CertificateCommands
{
    public static Command Build() => new("certs", "Make and check CA and client certificates, on this machine alone") { CreateCa(), CreateClient(), CertificateChecks.Inspect(), CertificateChecks.Verify() };

    private static Command CreateCa()
    {
        var output = OutOption("Folder for ca.crt and ca.key");
        var subject = new Option<string>("--subject") { Description = "Free text", HelpName = "NAME", DefaultValueFactory = _ => "/O=Example ORG/CN=CA Cert" };
        var days = DaysOption(9999);
        // A CA lives for decades: stronger than the 2048 bits of the documented recipe.
        var key = KeyOption("rsa:3072", "");
        var force = ForceOption();
        var command = new Command("create-ca", "Make a CA: ca.crt, which goes to Gatehouse, and ca.key, which stays with you") { output, subject, days, key, force };
        command.Runs((call, _) =>
        {
            var issued = Issue(() => CertificateIssuer.CreateCa(call.Get(subject), call.Get(days), Kind(call.Get(key)), call.Time.GetUtcNow()));
            var paths = CertificateFiles.Write(call.Get(output), "ca", issued, call.Get(force));
            Print(call, issued, paths, "CA", "Give Gatehouse the certificate alone. It never needs the key: whoever has it can make client certificates.");
            return Task.CompletedTask;
        });
        return command;
    }

    private static Command CreateClient()
    {
        var ca = new Option<string>("--ca") { Description = "The CA's certificate", HelpName = "FILE", Required = true };
        var caKey = new Option<string>("--ca-key") { Description = "The CA's private key", HelpName = "FILE", Required = true };
        var output = OutOption("Folder for client.crt and client.key");
        var subject = new Option<string?>("--subject") { Description = "Free text; default /O=Example ORG/CN=Client, or with --name in the CN", HelpName = "NAME" };
        var days = DaysOption(365);
        var key = KeyOption("rsa:2048", "; the Java delegate takes RSA only");
        var name = new Option<string?>("--name") { Description = "The delegate's name, to recognise its certificate by", HelpName = "NAME" };
        var force = ForceOption();
        var command = new Command("create-client", "Make a client certificate for delegates: client.crt and client.key (PKCS#8)") { ca, caKey, output, subject, days, key, name, force };
        command.Runs(async (call, cancellationToken) =>
        {
            var caCertificate = await CaFile.ReadTextAsync(call.Get(ca), "CA certificate", cancellationToken);
            var caPrivateKey = await CaFile.ReadTextAsync(call.Get(caKey), "CA key", cancellationToken);
            var issued = Issue(() => CertificateIssuer.CreateClient(
                caCertificate, caPrivateKey, call.Get(subject) ?? DefaultSubject(call.Get(name)), call.Get(name), call.Get(days), Kind(call.Get(key)), call.Time.GetUtcNow()));
            var paths = CertificateFiles.Write(call.Get(output), "client", issued, call.Get(force));
            Print(call, issued, paths, "Client", "Both files go to the delegate: DELEGATE_CLIENT_CERTIFICATE_PATH and DELEGATE_CLIENT_CERTIFICATE_KEY_PATH.");
        });
        return command;
    }

    private static void Print(Invocation call, IssuedCertificate issued, CertificatePaths paths, string kind, string next)
    {
        var facts = CertificateFacts.TryRead(Der(issued.CertificatePem)) ?? throw new InvalidOperationException("An issued certificate cannot be read.");
        call.Print(new IssuedFiles(paths.Certificate, paths.PrivateKey, facts), CliJson.Default.IssuedFiles, sheet =>
        {
            sheet.Facts(
                ($"{kind} certificate", paths.Certificate),
                ("Private key", $"{paths.PrivateKey} (only you can read it)"));
            CertificateChecks.Facts(sheet, facts);
        });
        call.Say(next);
    }

    private static byte[] Der(string pem)
    {
        var fields = System.Security.Cryptography.PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }

    private static IssuedCertificate Issue(Func<IssuedCertificate> issue)
    {
        try
        {
            return issue();
        }
        catch (CertificateIssuingException e)
        {
            throw CliException.BadInput(e.Message, e);
        }
    }

    /// <summary>A name that would need escaping in a subject stays out of it; it is in the certificate's subject alternative name all the same.</summary>
    private static string DefaultSubject(string? name) =>
        name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? $"/O=Example ORG/CN={name}" : "/O=Example ORG/CN=Client";

    private static KeyKind Kind(string text) => KeyKinds.TryParse(text, out var kind) ? kind : throw new ArgumentOutOfRangeException(nameof(text));

    private static Option<string> OutOption(string description) => new("--out") { Description = description, HelpName = "DIR", Required = true };

    private static Option<bool> ForceOption() => new("--force") { Description = "Overwrite files that exist" };

    private static Option<int> DaysOption(int days) => new("--days") { Description = "Validity", HelpName = "N", DefaultValueFactory = _ => days };

    private static Option<string> KeyOption(string kind, string note)
    {
        var option = new Option<string>("--key") { Description = $"The key pair: {KeyKinds.Names}{note}", HelpName = "KIND", DefaultValueFactory = _ => kind };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !KeyKinds.TryParse(result.Tokens[0].Value, out _))
            {
                result.AddError($"'{result.Tokens[0].Value}' is no kind of key. Use one of {KeyKinds.Names}.");
            }
        });
        return option;
    }
}
