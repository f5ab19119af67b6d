using System.CommandLine;

namespace Gatehouse.Cli.Certificates;

/// <summary>The CA that a command signs with: its certificate, its key, and the key's password.</summary>
internal sealed class CaOptions
{
    private readonly Option<string> _certificate = new("--ca") { Description = "The CA's certificate", HelpName = "FILE", Required = true };
    private readonly Option<string> _key = new("--ca-key") { Description = "The CA's private key: PKCS#8, PKCS#1, SEC 1, PKCS#12; it is read here and goes nowhere", HelpName = "FILE", Required = true };
    private readonly Option<string?> _password = Passwords.Option("--ca-key-password-file", "the CA's key");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_certificate);
        command.Add(_key);
        command.Add(_password);
    }

    /// <summary>Reads certificate and key as PEM.</summary>
    /// <exception cref="CliException">One of them cannot be used.</exception>
    public async Task<(string CertificatePem, string KeyPem)> ReadAsync(Invocation call, CancellationToken cancellationToken)
    {
        var (certificatePath, keyPath) = (call.Get(_certificate), call.Get(_key));
        var password = Passwords.Source(call, _password, $"the CA key '{keyPath}'");
        using var certificate = await PkiFiles.ReadAsync(certificatePath, "CA certificate", password, cancellationToken);
        using var key = await PkiFiles.ReadAsync(keyPath, "CA key", password, cancellationToken);
        return (PkiFiles.CertificatesOf(certificate, certificatePath), PkiFiles.KeyOf(key, keyPath, "CA key"));
    }
}
