using System.CommandLine;
using System.Text;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Doctor;
using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary><c>certs bundle list</c>, <c>add</c> and <c>remove</c>: the file with the CA certificates that an endpoint is to trust.</summary>
internal static class BundleCommands
{
    public static Command Build() => new("bundle", "The CA bundle file: the CA certificates that an endpoint is to trust") { List(), Add(), Remove() };

    private static Command List()
    {
        var file = FileArgument();
        var command = new Command("list", "List the CA certificates of a bundle, with what the server would say about them") { file };
        command.Runs(async (call, cancellationToken) =>
        {
            using var bundle = await PkiFiles.ReadAsync(call.Get(file), "CA bundle", null, cancellationToken);
            Print(call, call.Get(file), PkiFiles.CertificatesOf(bundle, call.Get(file)));
        });
        return command;
    }

    private static Command Add()
    {
        var file = FileArgument();
        var sources = new Argument<string[]>("CA") { Description = "Files with CA certificates; of anything else in them nothing is taken over", Arity = ArgumentArity.OneOrMore };
        var skip = new Option<bool>("--skip-refused") { Description = "Leave out certificates that the server would refuse, and say which" };
        var command = new Command("add", "Add CA certificates to a bundle, which is made if it is missing. Refused when the server would refuse one of them") { file, sources, skip };
        command.Runs(async (call, cancellationToken) =>
        {
            var path = call.Get(file);
            var added = "";
            foreach (var source in call.Get(sources))
            {
                using var content = await PkiFiles.ReadAsync(source, "CA file", null, cancellationToken);
                added += PkiFiles.CertificatesOf(content, source);
                if (content.Keys.Count > 0)
                {
                    call.Say($"'{source}' holds a private key. It was left out of the bundle; keep that file to yourself.");
                }
            }

            var now = call.Time.GetUtcNow();
            if (call.Get(skip))
            {
                added = WithoutRefused(call, added, now);
            }

            Refuse(CaBundle.Check(added, now).Errors);
            var before = File.Exists(path) ? PkiFile.ToPem(await ReadBundleAsync(path, cancellationToken)) : "";
            Refuse(CaBundle.Check(before + added, now).Errors.Where(error => error.Code == CaBundleCodes.TooMany));
            using var all = PkiFile.Read(Encoding.ASCII.GetBytes(before + added));
            Save(call, path, [.. all.Certificates.DistinctBy(der => Convert.ToHexString(der.Span))]);
        });
        return command;
    }

    private static string WithoutRefused(Invocation call, string pem, DateTimeOffset now)
    {
        using var all = PkiFile.Read(Encoding.ASCII.GetBytes(pem));
        var kept = new List<ReadOnlyMemory<byte>>();
        CaBundleFinding? last = null;
        foreach (var der in all.Certificates)
        {
            // One by one: what the server says of the whole bundle, say that it is too long, is said when it is put together.
            if (CaBundle.Check(PkiFile.ToPem([der]), now).Errors is not [var error, ..])
            {
                kept.Add(der);
                continue;
            }

            last = error;
            call.Say($"Left out: {CertificateFacts.TryRead(der)?.Subject ?? "a certificate that cannot be read"} ({error.Code}).");
        }

        return kept.Count > 0 ? PkiFile.ToPem(kept) : throw CliException.BadInput($"Nothing was changed: the server would refuse every certificate. {last?.Message}");
    }

    private static Command Remove()
    {
        var file = FileArgument();
        var place = new Option<int?>("--place") { Description = "Its number in the list", HelpName = "N" };
        var sha256 = new Option<string?>("--sha256") { Description = "Its SHA-256, or the first 8 or more hex digits of it", HelpName = "HEX" };
        var command = new Command("remove", "Remove a CA certificate from a bundle: with --place or --sha256") { file, place, sha256 };
        command.Runs(async (call, cancellationToken) =>
        {
            var path = call.Get(file);
            var certificates = await ReadBundleAsync(path, cancellationToken);
            var at = Find([.. certificates.Select(CertificateFacts.TryRead)], call.Get(place), call.Get(sha256));
            var left = certificates.Where(der => !der.Span.SequenceEqual(certificates[at].Span)).ToList();
            if (left.Count == 0)
            {
                throw CliException.BadInput($"It is the last certificate of '{path}', and a bundle without any lets nobody in. Add another one first.");
            }

            Save(call, path, left);
        });
        return command;
    }

    private static int Find(List<CertificateFacts?> facts, int? place, string? sha256)
    {
        if ((place is null) == (sha256 is null))
        {
            throw CliException.BadInput("Say which one, with --place N or with --sha256 HEX; 'gatehouse certs bundle list' shows both.");
        }

        if (place is { } number)
        {
            return number >= 1 && number <= facts.Count ? number - 1 : throw CliException.BadInput($"--place {number}: the bundle has the certificates 1 to {facts.Count}.");
        }

        var hex = sha256!.Replace(":", "", StringComparison.Ordinal);
        var found = Enumerable.Range(0, facts.Count).Where(index => facts[index]?.Sha256.StartsWith(hex, StringComparison.OrdinalIgnoreCase) == true).DistinctBy(index => facts[index]!.Sha256).ToList();
        return hex.Length >= 8 && found.Count == 1 ? found[0]
            : throw CliException.BadInput($"--sha256 {Safe.Line(sha256)} names {found.Count} certificates of the bundle. Give at least 8 hex digits of one of them.");
    }

    /// <summary>The certificates of a bundle. A file with more than certificates is not touched: what else is in it would be lost.</summary>
    private static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadBundleAsync(string path, CancellationToken cancellationToken)
    {
        using var bundle = await PkiFiles.ReadAsync(path, "CA bundle", null, cancellationToken);
        return bundle.Keys.Count + bundle.Requests.Count + bundle.Others.Count + bundle.Damaged.Count > 0 || bundle.Format != "PEM" || bundle.Certificates.Count == 0
            ? throw CliException.BadInput($"'{path}' is not a bundle of PEM certificates alone, and was left as it is. Make one of it: gatehouse certs bundle add clean.crt {Shell.QuotePath(path)} --skip-refused")
            : bundle.Certificates;
    }

    private static void Refuse(IEnumerable<CaBundleFinding> errors)
    {
        if (errors.FirstOrDefault() is { } error)
        {
            throw CliException.BadInput($"Nothing was changed. {error.Message}");
        }
    }

    private static void Save(Invocation call, string path, IReadOnlyList<ReadOnlyMemory<byte>> certificates)
    {
        var pem = PkiFile.ToPem(certificates);
        CertificateFiles.Write(Path.GetDirectoryName(path) ?? "", [NewFile.Public(Path.GetFileName(path), pem)], force: true);
        Print(call, path, pem);
    }

    private static void Print(Invocation call, string path, string pem)
    {
        var findings = BundleFiles.Lint(pem, path, call.Time.GetUtcNow());
        using var bundle = PkiFile.Read(Encoding.ASCII.GetBytes(pem));
        var anchors = bundle.Certificates.Select(CertificateFacts.TryRead).OfType<CertificateFacts>().ToList();
        call.Print(new BundleListing(path, anchors, findings), CliJson.Default.BundleListing, sheet =>
        {
            sheet.Table(
                ["PLACE", "SUBJECT", "VALID UNTIL", "KIND", "SHA-256"],
                anchors.Select((ca, index) => new[] { $"{index + 1}", ca.Subject, Words.When(ca.NotAfter), $"X.509 v{ca.Version}, {ca.PublicKey}", ca.Sha256 }));
            CertificateText.Findings(sheet, path, findings);
        });
    }

    private static Argument<string> FileArgument() => new("FILE") { Description = "The bundle, PEM" };
}
