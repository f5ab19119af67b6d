using System.Net;
using System.Text;
using System.Text.Json;
using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Soak.Clients;
using Gatehouse.Soak.Tls;
using Gatehouse.Soak.Trust;
using Gatehouse.Soak.Watching;

namespace Gatehouse.Soak;

/// <summary>Sets the scene before the load: accounts, tokens, registered delegates.</summary>
internal static class SoakSetup
{
    public static List<SoakAccount> CreateAccounts(SoakPlan plan, string folder, DateTimeOffset now)
    {
        var accounts = Enumerable.Range(0, plan.Accounts).Select(i => SoakAccount.Create(i, folder, now)).ToList();
        for (var i = 0; i < accounts.Count; i++)
        {
            var other = accounts[(i + 1) % accounts.Count].OfAuthorities[0];
            accounts[i].Foreign = new SoakClient(other.Identity with { IsOfThisAccount = false }, other.Files);
        }
        return accounts;
    }

    public static async Task RegisterAsync(ServerProcess server, IReadOnlyList<SoakAccount> accounts, SoakPlan plan, CancellationToken cancellationToken)
    {
        foreach (var account in accounts)
        {
            await server.Operator.CreateAccountAsync(new CreateAccountRequest(account.Id), cancellationToken);
            var token = await server.Operator.CreateTokenAsync(account.Id, new CreateTokenRequest("soak"), cancellationToken);
            if (!DelegateToken.TryParse(token.Value, out var key))
                throw new SoakFailedException("The server made a token that is none.");
            account.Credential = new DelegateCredential(key, account.Id, "soak", $"https://{SoakScene.SharedHost}:{server.Agent.Port}", TimeProvider.System);
            for (var i = 0; i < plan.DelegatesOfAccount; i++)
                account.FreeDelegates.Add(Register(server.Agent, account, i));
        }
    }

    private static string Register(IPEndPoint agent, SoakAccount account, int number)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new DelegateParams
        {
            AccountId = account.Id,
            DelegateName = $"soak-{number}",
            HostName = $"soak-{number}",
            DelegateType = "DOCKER",
            Ng = true,
            Version = "1",
            SupportedTaskTypes = ["SHELL_SCRIPT"],
        }, ContractsJson.Default.DelegateParams);
        using var tls = TlsClient.Connect(account.Plain.Tls13, agent, SoakScene.SharedHost, Http1.Protocol, null);
        tls.Handshake(Dialer.HandshakeLimit);
        tls.Write(Encoding.ASCII.GetBytes(Http1.Request(
            SoakScene.SharedHost, $"{Routes.Agent.Register}?accountId={account.Id}", account.Credential.Get(), "POST",
            $"Connection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n")));
        tls.Write(body);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = tls.Read(buffer, Dialer.HandshakeLimit)) > 0)
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (TlsEndedException)
        {
            // The whole answer is here.
        }
        var answer = text.ToString();
        var json = answer.IndexOf('{', StringComparison.Ordinal);
        var end = answer.LastIndexOf('}');
        if (json < 0)
            throw new SoakFailedException($"A delegate could not be registered: {answer}");
        using var document = JsonDocument.Parse(answer[json..(end + 1)]);
        return document.RootElement.GetProperty("resource").GetProperty("delegateId").GetString()!;
    }
}
