using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary>The ways to name what is denied; exactly one is used.</summary>
internal sealed class DeniedOptions
{
    private readonly Option<string?> _file = new("--cert") { Description = "The certificate's file; it is read here, and only its numbers are sent", HelpName = "FILE" };
    private readonly Option<string?> _by = new("--by")
    {
        Description = "With --cert: key denies its public key, so every certificate renewed with it too; sha256 exactly this certificate; serial its serial number and issuer. Default key",
        HelpName = "key|sha256|serial",
    };
    private readonly Option<string?> _serial = new("--serial") { Description = "Serial number, hex as 'openssl x509 -serial' prints it; needs --issuer", HelpName = "HEX" };
    private readonly Option<string?> _issuer = new("--issuer") { Description = "With --serial: the issuer, for example \"CN=CA Cert,O=Example ORG\" or \"/O=Example ORG/CN=CA Cert\"", HelpName = "NAME" };
    private readonly Option<string?> _sha256 = new("--sha256") { Description = "SHA-256 of the certificate, hex, with or without colons", HelpName = "HEX" };
    private readonly Option<string?> _key = new("--key-sha256") { Description = "SHA-256 of the public key (SubjectPublicKeyInfo), hex, with or without colons", HelpName = "HEX" };

    public DeniedOptions() => _by.AcceptOnlyFromAmong("key", "sha256", "serial");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_file, _by, _serial, _issuer, _sha256, _key])
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            var ways = ((Option[])[_file, _serial, _sha256, _key]).Count(option => result.GetResult(option) is not null);
            if (ways != 1)
            {
                result.AddError("Say what to deny in one way: --cert FILE, --serial HEX with --issuer NAME, --sha256 HEX, or --key-sha256 HEX.");
            }
            else if ((result.GetResult(_serial) is null) != (result.GetResult(_issuer) is null))
            {
                result.AddError("--serial and --issuer go together: CAs number their certificates each for itself.");
            }
            else if (result.GetResult(_by) is not null && result.GetResult(_file) is null)
            {
                result.AddError("--by goes with --cert; the other ways say it themselves.");
            }
        });
    }

    /// <summary>What to ask the server for.</summary>
    /// <exception cref="CliException">The file is missing or no certificate.</exception>
    public async Task<DenyRequest> ReadAsync(Invocation call, CancellationToken cancellationToken)
    {
        if (call.Get(_file) is { } file)
        {
            return await ReadFileAsync(file, call.Get(_by), cancellationToken);
        }

        if (call.Get(_serial) is { } serial)
        {
            return new DenyRequest { Kind = "serial", Value = serial, Issuer = call.Get(_issuer) };
        }

        return call.Get(_sha256) is { } sha256 ? new DenyRequest { Kind = "sha256", Value = sha256 } : new DenyRequest { Kind = "key", Value = call.Get(_key) };
    }

    private static async Task<DenyRequest> ReadFileAsync(string file, string? by, CancellationToken cancellationToken)
    {
        using var content = await PkiFiles.ReadAsync(file, "certificate file", null, cancellationToken);
        if (content.WhyNoCertificate is { } why)
        {
            throw CliException.BadInput($"'{file}': {why}");
        }

        // A delegate's file begins with its own certificate; its CAs, if they follow, are not meant.
        try
        {
            var entry = DenyEntry.FromCertificate(content.Certificates[0], by switch
            {
                "serial" => DenyKind.SerialAndIssuer,
                "sha256" => DenyKind.CertificateSha256,
                _ => DenyKind.PublicKeySha256,
            });
            return new DenyRequest { Kind = by ?? "key", Value = entry.Value, Issuer = entry.IssuerName };
        }
        catch (DenyEntryException e)
        {
            throw CliException.BadInput($"'{file}': {e.Message}", e);
        }
    }
}
