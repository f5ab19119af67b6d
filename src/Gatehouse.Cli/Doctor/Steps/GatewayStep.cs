using System.Globalization;
using System.Net.Security;
using Gatehouse.Cli.Doctor.Wire;
using Gatehouse.Cli.Output;
using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Client;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>Requests as the delegate makes them, over the client certificate; what the gateway says to them is read.</summary>
internal sealed class GatewayStep(WayOut way, Uri target, DoctorInput input, PemIdentity? identity, Findings findings, TimeProvider time)
{
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(5);
    private readonly SslStreamCertificateContext? _certificate = identity is null ? null : SslStreamCertificateContext.Create(identity.Leaf, [.. identity.Intermediates], offline: true);

    /// <summary>True when the gateway let the delegate in.</summary>
    public async Task<bool> AskStatusAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync($"/api/account/{Uri.EscapeDataString(input.Account ?? "doctor")}/status", "", cancellationToken);
        CompareClocks(answer);
        findings.Saw("gateway", answer.Ending == Ending.Http ? $"/api: {answer.Told}" : answer.Told);
        if (answer.Ending == Ending.Http && answer.Header(Contracts.HeaderNames.GatehouseRefusal) is null && answer.Status is 200 or 404 && answer.BodyText("code") is null && answer.Body is [(byte)'{', ..])
            return true;
        new RefusalReading(target, input, identity, findings).Read(answer);
        return false;
    }

    /// <summary>Log and TI service lie behind the same door.</summary>
    public async Task AskServicesAsync(CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["/log-service/", "/ti-service/"])
        {
            var answer = await SendAsync(path + "healthz", "", cancellationToken);
            findings.Saw(path, answer.Told);
            if (answer is { Ending: Ending.Http, Status: < 300 })
                continue;
            findings.Diagnose(Rank.Services, DoctorCodes.PathMissing, $"{target.Host}{path} does not answer as it should: {answer.Told}.",
                "The gateway serves that path itself or passes it on (services.logService, services.tiService); a load balancer in front must pass all three: /api/, /log-service/, /ti-service/.",
                $"curl -sS -i {target.GetLeftPart(UriPartial.Authority)}{path}healthz");
        }
    }

    /// <summary>Is the token one of the account's? Only to be asked where the server was believed.</summary>
    public async Task AskTokenAsync(CancellationToken cancellationToken)
    {
        if (input.Token is null || input.Account is null)
        {
            findings.Saw("token", "not looked at: give account and token (ACCOUNT_ID, DELEGATE_TOKEN)");
            return;
        }

        if (!DelegateToken.TryParse(input.Token, out var token))
        {
            findings.Diagnose(Rank.Token, DoctorCodes.TokenMalformed, "The token is neither 32 hex digits nor base64 of them. Kubernetes' Secret wants it as it was shown; encoding it twice is the usual mistake.", "Set DELEGATE_TOKEN to the token's value.", "gatehouse token create --account ID --name NAME   # on the operator's side");
            return;
        }

        var credential = new DelegateCredential(token, input.Account, "doctor", target.GetLeftPart(UriPartial.Authority), time);
        var account = Uri.EscapeDataString(input.Account);
        var answer = await SendAsync($"/api/agent/delegates/doctor/task-events?accountId={account}", $"Authorization: Delegate {credential.Get()}\r\naccountId: {account}\r\ndelegateId: doctor\r\n", cancellationToken);
        if (answer is { Ending: Ending.Http, Status: 401 or 403 })
        {
            var read = Refusal(answer);
            findings.Saw("token", $"refused: {read.Code}");
            findings.Diagnose(Rank.Token, DoctorCodes.TokenRefused, $"The manager does not take the token ({read.Code}): {read.Message}", read.NextStep.Length > 0 ? read.NextStep : "Use a token of this account that is not revoked.", $"gatehouse token list --account {Shell.Quote(input.Account)}   # on the operator's side");
        }
        else
        {
            findings.Saw("token", answer.Ending == Ending.Http ? "accepted" : answer.Told);
        }
    }

    /// <summary>A refusal as every client of ours reads it.</summary>
    public static RequestRefusedException Refusal(Answer answer)
    {
        using var response = new HttpResponseMessage((System.Net.HttpStatusCode)answer.Status);
        foreach (var (name, value) in answer.Headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return RefusalReader.Read(response.StatusCode, response.Headers, answer.Body);
    }

    private async Task<Answer> SendAsync(string path, string headers, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(input.Timeout);
        try
        {
            var raw = await way.OpenAsync(target, limit.Token);
            await using var look = await TlsLook.OpenAsync(raw, target.IdnHost, _certificate, limit.Token);
            var host = target.IsDefaultPort ? target.IdnHost : string.Create(CultureInfo.InvariantCulture, $"{target.IdnHost}:{target.Port}");
            return await Http1Exchange.SendAsync(look.Stream, $"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: gatehouse-doctor\r\nContent-Type: application/json\r\n{headers}Connection: close\r\n\r\n", limit.Token);
        }
        catch (ProxyException e)
        {
            return e.Answer;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return Faults.Read(e);
        }
    }

    private void CompareClocks(Answer answer)
    {
        if (!DateTimeOffset.TryParse(answer.Header("Date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var there))
            return;
        var ahead = time.GetUtcNow() - there;
        findings.Saw("clock", $"the gateway's is {Words.When(there)}, this machine's is {(ahead.Duration() < TimeSpan.FromSeconds(2) ? "the same" : $"{Words.Span(ahead.Duration())} {(ahead > TimeSpan.Zero ? "ahead" : "behind")}")}");
        if (ahead.Duration() < s_skew)
            return;
        findings.Diagnose(Rank.Clock, DoctorCodes.ClockWrong, $"This machine's clock is {Words.Span(ahead.Duration())} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} the gateway's: good certificates and tokens look expired or not yet valid.",
            "Set the clock, and let NTP keep it; in a container it is the host's.", "timedatectl; date -u");
    }
}
