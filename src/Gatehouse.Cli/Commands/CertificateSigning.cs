using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary><c>certs sign</c> and <c>renew</c>: from a request, and from a certificate that runs out.</summary>
internal static class CertificateSigning
{
    public static Command Sign()
    {
        var ca = new CaOptions();
        var file = new Argument<string>("FILE") { Description = "The certificate request (CSR), of any origin: PEM or DER" };
        var output = new Option<string?>("--out") { Description = "The certificate's file; default the request's name, ending in .crt", HelpName = "FILE" };
        var subject = new Option<string?>("--subject") { Description = "Instead of the request's", HelpName = "NAME" };
        var name = new Option<string?>("--name") { Description = "The delegate's name, instead of the names the request asks for", HelpName = "NAME" };
        var days = CertificateOptions.Days(365);
        var force = CertificateOptions.Force();
        var command = new Command("sign", "Make a client certificate from a request: its private key stays where it was made") { file };
        ca.AddTo(command);
        foreach (var option in (Option[])[output, subject, name, days, force])
        {
            command.Add(option);
        }

        command.Runs(async (call, cancellationToken) =>
        {
            using var request = await PkiFiles.ReadAsync(call.Get(file), "request", null, cancellationToken);
            var (caCertificate, caKey) = await ca.ReadAsync(call, cancellationToken);
            var signed = IssuedText.Issue(() => CertificateIssuer.Sign(caCertificate, caKey, request, call.Get(subject), call.Get(name), call.Get(days), call.Time.GetUtcNow()));
            var path = call.Get(output) ?? Path.ChangeExtension(call.Get(file), ".crt");
            CertificateFiles.Write(Path.GetDirectoryName(path) ?? "", [NewFile.Public(Path.GetFileName(path), signed.CertificatePem)], call.Get(force));
            IssuedText.Print(
                call, signed.CertificatePem, path, null, "Client", "The certificate goes to the delegate that has the key.",
                signed.LeftOut.Count == 0 ? [] : [$"The request also asked for {Words.List(signed.LeftOut)}; a client certificate gets what it needs and no more."]);
        });
        return command;
    }

    public static Command Renew()
    {
        var ca = new CaOptions();
        var file = new Argument<string>("FILE") { Description = "The client certificate that runs out" };
        var output = CertificateOptions.Folder("Folder for the new certificate and key, under the names they had");
        var days = CertificateOptions.Days(365);
        var key = CertificateOptions.Key(null, "; default as the old one's");
        var keep = new Option<bool>("--keep-key") { Description = "Certify the same key again: only a certificate is made, and the key stays where it is" };
        var force = CertificateOptions.Force();
        var command = new Command("renew", "Make the successor of a client certificate: same subject and names, new key, new validity") { file };
        ca.AddTo(command);
        foreach (var option in (Option[])[output, days, key, keep, force])
        {
            command.Add(option);
        }

        command.Runs(async (call, cancellationToken) =>
        {
            if (call.Get(keep) && call.Get(key) is not null)
            {
                throw CliException.BadInput("--keep-key and --key exclude each other: keep the old key, or make a new one.");
            }

            using var old = await PkiFiles.ReadAsync(call.Get(file), "certificate file", null, cancellationToken);
            var (caCertificate, caKey) = await ca.ReadAsync(call, cancellationToken);
            var name = Path.GetFileNameWithoutExtension(call.Get(file));
            var now = call.Time.GetUtcNow();
            if (call.Get(keep))
            {
                var pem = IssuedText.Issue(() => CertificateIssuer.RenewForSameKey(caCertificate, caKey, old, call.Get(days), now));
                var path = CertificateFiles.Write(call.Get(output), [NewFile.Public(name + ".crt", pem)], call.Get(force))[0];
                IssuedText.Print(call, pem, path, null, "Client", "It belongs to the same key as the old one.");
                return;
            }

            var issued = IssuedText.Issue(() => CertificateIssuer.Renew(caCertificate, caKey, old, call.Get(days), CertificateOptions.Kind(call.Get(key)), now));
            var paths = CertificateFiles.Write(call.Get(output), name, issued, call.Get(force));
            IssuedText.Print(call, issued.CertificatePem, paths.Certificate, paths.PrivateKey, "Client", "Replace both files on the delegate together; ours takes them up without a restart.");
        });
        return command;
    }
}
