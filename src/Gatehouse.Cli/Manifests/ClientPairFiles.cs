using System.CommandLine;
using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Manifests;

/// <summary>The client certificate and its key, and what the account's endpoint would say to them.</summary>
internal sealed class ClientPairFiles
{
    private readonly Option<string?> _certificate = new("--cert") { Description = "The client certificate, for --with-secret and --verify", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--key") { Description = "Its private key, for --with-secret and --verify", HelpName = "FILE" };
    private readonly Option<bool> _verify = new("--verify") { Description = "First check the pair against the CA of the account's endpoint on the server; nothing is written when it would not get in" };
    private readonly Option<string?> _account = new("--account") { Description = "With --verify: the account", HelpName = "ID" };

    public ClientPairFiles() => _account.Validators.Add(result => SharedOptions.RejectUnusableName(result.Tokens, result.AddError));

    public void AddTo(Command command)
    {
        command.Add(_certificate);
        command.Add(_key);
        command.Add(_verify);
        command.Add(_account);
    }

    public string? CertificatePath(Invocation call) => call.Get(_certificate);

    public string? KeyPath(Invocation call) => call.Get(_key);

    /// <summary>Reads the pair, and checks it if that was asked for.</summary>
    /// <param name="call">The run.</param>
    /// <param name="needed">What it is needed for, for example <c>--with-secret</c>; null when it is not.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when no pair was named, and none is needed.</returns>
    /// <exception cref="CliException">A file is missing or unreadable, the two do not belong together, or the endpoint would refuse them.</exception>
    public async Task<ClientPair?> ReadAsync(Invocation call, string? needed, CancellationToken cancellationToken)
    {
        needed ??= call.Get(_verify) ? "--verify" : null;
        if (needed is null && call.Get(_certificate) is null && call.Get(_key) is null)
        {
            return null;
        }

        if (call.Get(_certificate) is not { } certificateFile || call.Get(_key) is not { } keyFile)
        {
            throw CliException.BadInput(needed is null ? "--cert and --key belong together. Give both." : $"{needed} needs the pair. Give --cert and --key.");
        }

        if (call.Get(_verify) && call.Get(_account) is null)
        {
            throw CliException.BadInput("--verify needs the account whose endpoint the delegates use. Give --account.");
        }

        if (call.Get(_verify))
        {
            await VerifyAsync(call, certificateFile, keyFile, call.Get(_account)!, cancellationToken);
        }

        var pair = new ClientPair(
            await CaFile.ReadTextAsync(certificateFile, "certificate file", cancellationToken), await CaFile.ReadTextAsync(keyFile, "key file", cancellationToken));
        try
        {
            using var identity = PemIdentity.Parse(pair.CertificatePem, pair.KeyPem);
            if (!pair.KeyPem.Contains("-----BEGIN PRIVATE KEY-----", StringComparison.Ordinal))
            {
                call.Say($"'{Safe.Line(keyFile)}' is not PKCS#8 ('BEGIN PRIVATE KEY'), which is all that Java delegates read. 'gatehouse certs convert' makes it.");
            }

            return pair;
        }
        catch (PemIdentityException e)
        {
            throw CliException.BadInput(e.Message, e);
        }
    }

    private static async Task VerifyAsync(Invocation call, string certificateFile, string keyFile, string account, CancellationToken cancellationToken)
    {
        var endpoint = await call.Client.GetEndpointAsync(account, cancellationToken);
        var verdict = await ClientVerdict.OfFilesAsync(certificateFile, keyFile, keyPassword: null, endpoint.CaCertificates, call.Time.GetUtcNow(), cancellationToken);
        if (verdict.Code is not null)
        {
            throw CliException.Failed(
                $"The endpoint {endpoint.Fqdn} of account '{account}' would refuse this certificate, {verdict.Code}, so nothing was written: {verdict.Message} {verdict.NextStep}");
        }

        call.Say($"The endpoint {endpoint.Fqdn} of account '{account}' accepts this certificate until {Words.When(verdict.ValidUntil)}.");
        foreach (var finding in verdict.Findings)
        {
            call.Say($"{finding.Code}: {finding.Message}");
        }
    }
}
