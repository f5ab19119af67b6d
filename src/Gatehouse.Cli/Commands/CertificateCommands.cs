using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

internal static class CertificateCommands
{
    public static Command Build() => new("certs", "Make and check CA and client certificates, on this machine alone")
    {
        CreateCa(), CreateClient(), CertificateSigning.Sign(), CertificateSigning.Renew(), CertificateChecks.Inspect(), CertificateChecks.Verify(), CertificateChecks.Lint(),
        BundleCommands.Build(), ConvertCommand.Build(),
    };

    private static Command CreateCa()
    {
        var output = CertificateOptions.Folder("Folder for ca.crt and ca.key");
        var subject = new Option<string>("--subject") { Description = "Free text", HelpName = "NAME", DefaultValueFactory = _ => "/O=Example ORG/CN=CA Cert" };
        var days = CertificateOptions.Days(9999);
        // A CA lives for decades: stronger than the 2048 bits of the documented recipe.
        var key = CertificateOptions.Key("rsa:3072", "");
        var pathLength = new Option<int>("--path-length") { Description = "How many CAs may stand below it; 0: it issues client certificates only", HelpName = "N", DefaultValueFactory = _ => 0 };
        var force = CertificateOptions.Force();
        var command = new Command("create-ca", "Make a CA: ca.crt, which goes to Gatehouse, and ca.key, which stays with you") { output, subject, days, key, pathLength, force };
        command.Runs((call, _) =>
        {
            var issued = IssuedText.Issue(() => CertificateIssuer.CreateCa(
                call.Get(subject), call.Get(days), CertificateOptions.Kind(call.Get(key))!.Value, call.Time.GetUtcNow(), call.Get(pathLength)));
            var paths = CertificateFiles.Write(call.Get(output), "ca", issued, call.Get(force));
            IssuedText.Print(call, issued.CertificatePem, paths.Certificate, paths.PrivateKey, "CA",
                "Give Gatehouse the certificate alone. It never needs the key: whoever has it can make client certificates.");
            return Task.CompletedTask;
        });
        return command;
    }

    private static Command CreateClient()
    {
        var ca = new CaOptions();
        var output = CertificateOptions.Folder("Folder for client.crt and client.key");
        var subject = new Option<string?>("--subject") { Description = "Free text; default /O=Example ORG/CN=Client, or with --name in the CN", HelpName = "NAME" };
        var days = CertificateOptions.Days(365);
        var key = CertificateOptions.Key("rsa:2048", "; the Java delegate takes RSA only");
        var name = new Option<string?>("--name") { Description = "The delegate's name, to recognise its certificate by", HelpName = "NAME" };
        var force = CertificateOptions.Force();
        var command = new Command("create-client", "Make a client certificate for delegates: client.crt and client.key (PKCS#8)");
        ca.AddTo(command);
        foreach (var option in (Option[])[output, subject, days, key, name, force])
        {
            command.Add(option);
        }

        command.Runs(async (call, cancellationToken) =>
        {
            var (caCertificate, caKey) = await ca.ReadAsync(call, cancellationToken);
            var issued = IssuedText.Issue(() => CertificateIssuer.CreateClient(
                caCertificate, caKey, call.Get(subject) ?? DefaultSubject(call.Get(name)), call.Get(name), call.Get(days), CertificateOptions.Kind(call.Get(key))!.Value, call.Time.GetUtcNow()));
            var paths = CertificateFiles.Write(call.Get(output), "client", issued, call.Get(force));
            IssuedText.Print(call, issued.CertificatePem, paths.Certificate, paths.PrivateKey, "Client",
                "Both files go to the delegate: DELEGATE_CLIENT_CERTIFICATE_PATH and DELEGATE_CLIENT_CERTIFICATE_KEY_PATH.");
        });
        return command;
    }

    /// <summary>A name that would need escaping in a subject stays out of it; it is in the certificate's subject alternative name all the same.</summary>
    private static string DefaultSubject(string? name) =>
        name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? $"/O=Example ORG/CN={name}" : "/O=Example ORG/CN=Client";
}
