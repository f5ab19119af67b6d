using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Connecting;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Demo;

/// <summary>The whole story, each step checked: from an empty folder to an account in STRICT mode without an outage.</summary>
internal sealed class DemoStory(DemoScene scene, DemoReport report, TimeProvider time)
{
    private const string WithCertificate = "with-certificate";
    private const string Straggler = "straggler";
    private const string Latecomer = "latecomer";

    private readonly DemoTasks _tasks = new(scene, time);

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        await Step("The server is up", StartServerAsync);
        await Step("An account and a delegate token", CreateAccountAsync);
        await Step("The account makes its CA and a client certificate", MakeCertificatesAsync);
        await Step("Its mTLS endpoint is up, LOOSE", EnableAsync);
        await Step("A delegate comes in over mTLS", stop => StartDelegateAsync(WithCertificate, scene.DedicatedUrl, mtls: true, WithCertificate, stop));
        await Step("A delegate comes in without a certificate", stop => StartDelegateAsync(Straggler, scene.SharedUrl, mtls: false, Straggler, stop));
        await Step($"A shell task on {WithCertificate}, its output live", stop => _tasks.RunAsync(WithCertificate, stop));
        await Step($"A shell task on {Straggler}, its output live", stop => _tasks.RunAsync(Straggler, stop));
        await Step("Readiness: STRICT would block the straggler", stop => ReadinessAsync(ready: false, stop));
        await Step("The straggler moves: same delegate, now with the certificate", MoveAsync);
        await Step("Readiness: STRICT would block nobody", stop => ReadinessAsync(ready: true, stop));
        await Step("The endpoint is STRICT", StrictAsync);
        await Step("A delegate without a certificate is refused and told why", RefuseLatecomerAsync);
        await Step("A client with another CA's certificate is refused", RefuseStrangerAsync);
        await Step($"A shell task on {WithCertificate} still runs", stop => _tasks.RunAsync(WithCertificate, stop));

        Task Step(string title, Func<CancellationToken, Task<string>> step) => report.StepAsync(title, step, cancellationToken);
    }

    private async Task<string> StartServerAsync(CancellationToken cancellationToken)
    {
        var server = scene.StartServer();
        await report.UntilAsync($"{scene.DataDirectory}/server.json of the server.", () =>
        {
            if (server.HasEnded)
            {
                throw new DemoFailure("a running server.", "it ended.");
            }

            if (ServerFile.TryRead(scene.DataDirectory) is not { OperatorUrl: not null, OperatorKeyFile: not null, ServerCaPath: not null } file)
            {
                return Task.FromResult<string?>("no such file yet.");
            }

            scene.Connect(file);
            return Task.FromResult<string?>(null);
        }, cancellationToken);
        var view = await scene.Client.GetServerAsync(cancellationToken);
        return $"delegates: {view.AgentListen}, operator: {scene.Server.OperatorUrl}, agent domain: {view.AgentDomain}";
    }

    private async Task<string> CreateAccountAsync(CancellationToken cancellationToken)
    {
        await scene.Client.CreateAccountAsync(new CreateAccountRequest(DemoScene.Account, "Acme Corp."), cancellationToken);
        var token = await scene.Client.CreateTokenAsync(DemoScene.Account, new CreateTokenRequest("demo"), cancellationToken);
        scene.Token = token.Value ?? throw new DemoFailure("a token with its value.", "no value.");
        return $"account {DemoScene.Account}, token {token.Name}";
    }

    private Task<string> MakeCertificatesAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var folder = Path.Combine(scene.Folder, "account");
        var ca = CertificateIssuer.CreateCa("/O=Acme/CN=Acme Delegates CA", 3650, KeyKind.EcP256, now);
        scene.Ca = CertificateFiles.Write(folder, "ca", ca, force: false);
        var client = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/O=Acme/CN=Delegates", delegateName: null, 365, KeyKind.EcP256, now);
        scene.ClientCertificate = CertificateFiles.Write(folder, "client", client, force: false);
        using var read = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(scene.ClientCertificate.Certificate);
        scene.ClientSha256 = read.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
        return Task.FromResult($"{read.Subject}, issued by {read.Issuer}; the CA's key never leaves the account");
    }

    private async Task<string> EnableAsync(CancellationToken cancellationToken)
    {
        var request = new MtlsEndpointRequest
        {
            DomainPrefix = DemoScene.Prefix,
            CaCertificates = await File.ReadAllTextAsync(scene.Ca.Certificate, cancellationToken),
            Mode = nameof(MtlsMode.LOOSE),
        };
        var endpoint = await scene.Client.CreateEndpointAsync(DemoScene.Account, request, cancellationToken);
        scene.Fqdn = endpoint.Fqdn;
        return $"{endpoint.Fqdn}, without a restart or reload";
    }

    private async Task<string> StartDelegateAsync(string name, string url, bool mtls, string logName, CancellationToken cancellationToken)
    {
        var child = scene.StartDelegate(name, url, mtls, logName);
        DelegateView? seen = null;
        await report.UntilAsync($"{name} connected {(mtls ? "over mTLS with the certificate" : "without mTLS")}.", async () =>
        {
            if (child.HasEnded)
            {
                throw new DemoFailure($"{name} running.", "it ended.");
            }

            var delegates = await scene.Client.ListDelegatesAsync(DemoScene.Account, cancellationToken);
            seen = delegates.FirstOrDefault(one => one.Name == name);
            var good = seen is { Connected: true, StreamOpen: true } && seen.Mtls == mtls && seen.Certificate?.Sha256 == (mtls ? scene.ClientSha256 : null);
            return good ? null
                : seen is null ? $"{delegates.Count} delegates, {name} not among them."
                : $"connected: {seen.Connected}, stream: {seen.StreamOpen}, mTLS: {seen.Mtls}, certificate: {seen.Certificate?.Sha256 ?? "none"}.";
        }, cancellationToken);
        return $"{name} through {seen!.ConnectedThrough}" + (seen.Certificate is { } certificate
            ? $"\nshows {certificate.Subject}, serial {certificate.SerialNumber}, valid until {Words.When(certificate.NotAfter)}"
            : "");
    }

    private async Task<string> ReadinessAsync(bool ready, CancellationToken cancellationToken)
    {
        var readiness = await scene.Client.GetReadinessAsync(DemoScene.Account, cancellationToken);
        var blocked = string.Join(", ", readiness.WouldBeBlocked.Select(one => one.Name));
        return readiness.Ready == ready && blocked == (ready ? "" : Straggler)
            ? readiness.Summary
            : throw new DemoFailure(ready ? "ready, nobody blocked." : $"not ready, {Straggler} blocked.", $"ready: {readiness.Ready}, blocked: {blocked}. {readiness.Summary}");
    }

    private async Task<string> MoveAsync(CancellationToken cancellationToken)
    {
        await scene.Children.Single(child => child.Name == Straggler).EndAsync();
        return await StartDelegateAsync(Straggler, scene.DedicatedUrl, mtls: true, Straggler + "-moved", cancellationToken);
    }

    private async Task<string> StrictAsync(CancellationToken cancellationToken)
    {
        var endpoint = await scene.Client.ChangeEndpointAsync(DemoScene.Account, new MtlsEndpointRequest { Mode = nameof(MtlsMode.STRICT) }, cancellationToken);
        return endpoint.Mode == MtlsMode.STRICT ? $"{endpoint.Fqdn} is {endpoint.Mode}" : throw new DemoFailure("STRICT.", $"{endpoint.Mode}.");
    }

    private async Task<string> RefuseLatecomerAsync(CancellationToken cancellationToken)
    {
        const RefusalCode Code = RefusalCode.ClientCertificateRequired;
        var child = scene.StartDelegate(Latecomer, scene.DedicatedUrl, withCertificate: false);
        await report.UntilAsync($"{Code.Name()} in the delegate's own output.", () =>
            Task.FromResult(child.ReadLog().Contains(Code.Name(), StringComparison.Ordinal) ? null : "it does not say so."), cancellationToken);
        var refusal = await FindRefusalAsync(Code, cancellationToken);
        var delegates = await scene.Client.ListDelegatesAsync(DemoScene.Account, cancellationToken);
        return delegates.All(one => one.Name != Latecomer)
            ? $"{refusal.Code}: {refusal.Message} {refusal.NextStep}"
            : throw new DemoFailure($"{Latecomer} not registered.", "it is.");
    }

    private async Task<string> RefuseStrangerAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var otherCa = CertificateIssuer.CreateCa("/O=Somebody Else/CN=Other CA", 30, KeyKind.EcP256, now);
        var stranger = CertificateIssuer.CreateClient(otherCa.CertificatePem, otherCa.PrivateKeyPem, "/CN=Stranger", delegateName: null, 30, KeyKind.EcP256, now);
        var body = await Outsider.TryAsync(
            scene.Fqdn, scene.Server.AgentPort, $"/api/account/{DemoScene.Account}/status", scene.Server.ServerCaPath!, stranger, cancellationToken);
        if (body?.Code != RefusalCode.CertificateUnknownCa.Name())
        {
            throw new DemoFailure($"403 with {RefusalCode.CertificateUnknownCa.Name()}.", body is null ? "no refusal." : $"{body.Code}.");
        }

        var refusal = await FindRefusalAsync(RefusalCode.CertificateUnknownCa, cancellationToken);
        return $"{refusal.Code}: {refusal.Message}";
    }

    private async Task<RefusalView> FindRefusalAsync(RefusalCode code, CancellationToken cancellationToken)
    {
        RefusalView? found = null;
        await report.UntilAsync($"{code.Name()} among the account's refusals.", async () =>
        {
            var refusals = await scene.Client.ListRefusalsAsync(DemoScene.Account, after: 0, limit: 100, cancellationToken);
            found = refusals.FirstOrDefault(one => one.Code == code.Name());
            return found is not null ? null : $"{refusals.Count} refusals: {string.Join(", ", refusals.Select(one => one.Code))}.";
        }, cancellationToken);
        return found!;
    }
}
