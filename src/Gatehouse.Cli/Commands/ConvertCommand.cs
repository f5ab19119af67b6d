using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary><c>certs convert</c>: from the formats people have to the one a program wants.</summary>
internal static class ConvertCommand
{
    public static Command Build()
    {
        var files = new Argument<string[]>("FILE") { Description = "Certificates and keys: PEM, DER, PKCS#12; PKCS#8, PKCS#1, SEC 1, plain or encrypted", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--to") { Description = "pem: NAME.crt and NAME.key (PKCS#8, not encrypted); der: NAME.der and NAME.key.der; pkcs12: NAME.p12", HelpName = "pem|der|pkcs12", DefaultValueFactory = _ => "pem" };
        format.AcceptOnlyFromAmong("pem", "der", "pkcs12");
        var output = CertificateOptions.Folder("Folder for the new files");
        var name = new Option<string?>("--name") { Description = "Name of the new files; default that of the first FILE", HelpName = "NAME" };
        var password = Passwords.Option("--password-file", "the files");
        var newPassword = Passwords.Option("--new-password-file", "the new PKCS#12 file");
        var force = CertificateOptions.Force();
        var command = new Command("convert", "Convert certificates and keys: between PEM, DER and PKCS#12, out of encryption, chains into order") { files, format, output, name, password, newPassword, force };
        command.Runs(async (call, cancellationToken) =>
        {
            var opened = new List<PkiFile>();
            try
            {
                foreach (var path in call.Get(files))
                {
                    opened.Add(await PkiFiles.ReadAsync(path, "file", Passwords.Source(call, password, $"'{path}'"), cancellationToken));
                }

                var stem = call.Get(name) ?? Path.GetFileNameWithoutExtension(call.Get(files)[0]);
                var made = Make(call, PkiFile.Join(opened), stem, call.Get(format), newPassword);
                var paths = CertificateFiles.Write(call.Get(output), made, call.Get(force));
                call.Print(new WrittenFiles(paths), CliJson.Default.WrittenFiles, sheet => sheet.Table(
                    ["FILE", "FOR"], paths.Zip(made, (path, file) => new[] { path, file.IsSecret ? "you alone: a private key is in it" : "everybody" })));
            }
            finally
            {
                opened.ForEach(file => file.Dispose());
            }
        });
        return command;
    }

    private static List<NewFile> Make(Invocation call, PkiFile all, string stem, string format, Option<string?> newPassword)
    {
        try
        {
            var key = all.Keys.Count == 0 ? null : all;
            var keyPem = key is null ? null : PkiFiles.KeyOf(key, stem, "input");
            var chain = all.Certificates.Count == 0 ? [] : all.ChainFor(key);
            List<NewFile> files = format switch
            {
                "pkcs12" => [new NewFile(stem + ".p12", all.ExportPkcs12(Passwords.New(call, newPassword, $"the new file '{stem}.p12'")), IsSecret: true)],
                "der" =>
                [
                    .. chain.Select((der, index) => new NewFile(index == 0 ? $"{stem}.der" : $"{stem}-{index + 1}.der", der.ToArray(), IsSecret: false)),
                    .. key is null ? [] : (NewFile[])[new NewFile(stem + ".key.der", key.ExportKeyDer(), IsSecret: true)],
                ],
                _ =>
                [
                    .. chain.Count == 0 ? [] : (NewFile[])[NewFile.Public(stem + ".crt", PkiFile.ToPem(chain))],
                    .. all.Requests.Count == 0 ? [] : (NewFile[])[NewFile.Public(stem + ".csr", all.RequestsPem)],
                    .. keyPem is null ? [] : (NewFile[])[NewFile.Secret(stem + ".key", keyPem)],
                ],
            };
            return files.Count > 0 ? files : throw CliException.BadInput("There is nothing in these files that could be converted. 'gatehouse certs inspect FILE' shows what there is.");
        }
        catch (PkiFileException e)
        {
            throw CliException.BadInput(e.Message, e);
        }
    }
}
