using System.CommandLine;
using Gatehouse.Cli.Certificates;
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

        var pair = new ClientPair(
            await CaFile.ReadTextAsync(certificateFile, "certificate file", cancellationToken), await CaFile.ReadTextAsync(keyFile, "key file", cancellationToken));
        try
        {
            using var identity = PemIdentity.Parse(pair.CertificatePem, pair.KeyPem);
            if (call.Get(_verify))
            {
                await VerifyAsync(call, identity, call.Get(_account)!, cancellationToken);
            }
        }
        catch (PemIdentityException e)
        {
            throw CliException.BadInput(e.Message, e);
        }

        return pair;
    }

    private static async Task VerifyAsync(Invocation call, PemIdentity identity, string account, CancellationToken cancellationToken)
    {
        var endpoint = await call.Client.GetEndpointAsync(account, cancellationToken);
        try
        {
            var anchors = TrustAnchors.Parse(endpoint.CaCertificates);
            var verdict = ClientChainVerifier.Verify(
                identity.Leaf.RawData, [.. identity.Intermediates.Select(one => (ReadOnlyMemory<byte>)one.RawData)], anchors, call.Time.GetUtcNow());
            if (!verdict.Accepted)
            {
                throw CliException.Failed($"The endpoint {endpoint.Fqdn} of account '{account}' would refuse this certificate, so nothing was written: {verdict.Message} {verdict.NextStep}");
            }

            call.Say($"The endpoint {endpoint.Fqdn} of account '{account}' accepts this certificate until {Output.Words.When(verdict.ValidUntil)}.");
        }
        catch (CaBundleException e)
        {
            throw CliException.Failed($"The CA bundle of account '{account}' on the server cannot be used, so nothing was written: {e.Message}", e);
        }
    }
}
