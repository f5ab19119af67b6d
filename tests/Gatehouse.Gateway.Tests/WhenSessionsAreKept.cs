using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

// The same rules for sessions that we keep and for tickets that clients keep.

public sealed class WhenSessionsAreKeptHere(RecipePki pki) : WhenSessionsResume(pki, ResumptionForm.Stateful);

public sealed class WhenSessionsAreInTickets(RecipePki pki) : WhenSessionsResume(pki, ResumptionForm.Tickets);

/// <summary>Switched off, and shared between gateways.</summary>
public sealed class WhenSessionsAreShared(RecipePki pki)
{
    [Theory]
    [InlineData("-tls1_2", TlsEngineKind.OpenSsl)]
    [InlineData("-tls1_3", TlsEngineKind.OpenSsl)]
    [InlineData("-tls1_2", TlsEngineKind.SslStream)]
    [InlineData("-tls1_3", TlsEngineKind.SslStream)]
    public async Task Nothing_resumes_where_it_is_switched_off_and_never_on_SslStream(string version, TlsEngineKind engine)
    {
        using var directory = new TemporaryDirectory();
        await using var listener = await StartAsync(engine == TlsEngineKind.OpenSsl ? ResumptionForm.Off : ResumptionForm.Stateful, null, engine);
        var session = directory.File("none");
        Assert.Contains("authority=", await ClientAsync(listener, version, "-sess_out", session), StringComparison.Ordinal);
        if (File.Exists(session))
            Assert.DoesNotContain("Reused, ", await ClientAsync(listener, version, "-sess_in", session), StringComparison.Ordinal);
    }

    [Theory, InlineData("-tls1_2"), InlineData("-tls1_3")]
    public async Task A_ticket_is_good_at_another_gateway_with_the_keys_and_nowhere_else(string version)
    {
        using var directory = new TemporaryDirectory();
        var (keys, rotated, session) = (directory.File("keys"), directory.File("rotated"), directory.File("session"));
        var key = Key();
        File.WriteAllText(keys, key + "\n");
        File.WriteAllText(rotated, Key() + "\n" + key + "\n");
        await using var first = await StartAsync(ResumptionForm.Tickets, keys);
        await using var second = await StartAsync(ResumptionForm.Tickets, rotated);
        await using var stranger = await StartAsync(ResumptionForm.Tickets, null);
        await ClientAsync(first, version, "-sess_out", session);
        var there = await ClientAsync(second, version, "-sess_in", session);
        Assert.Contains("Reused, TLSv1", there, StringComparison.Ordinal);
        Assert.Contains("CN=Client", there, StringComparison.Ordinal);
        Assert.DoesNotContain("Reused, ", await ClientAsync(stranger, version, "-sess_in", session), StringComparison.Ordinal);
    }

    [Theory, InlineData("", "0 keys"), InlineData("not base64!", "Line 1"), InlineData("AAAA", "80 bytes")]
    public void A_file_without_usable_keys_says_what_is_wrong_and_not_what_is_in_it(string text, string reason)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("keys");
        File.WriteAllText(path, text);
        var e = Assert.Throws<TlsEngineException>(() => TlsEngines.Create(TlsEngineKind.OpenSsl, new TlsEngineOptions { Resumption = ResumptionForm.Tickets, TicketKeysPath = path }));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not base64!", e.Message, StringComparison.Ordinal);
    }

    private static string Key() => Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(80));

    private async Task<AgentListener> StartAsync(ResumptionForm form, string? keys, TlsEngineKind engine = TlsEngineKind.OpenSsl)
    {
        var listener = await AgentListener.StartAsync(o => o.With(engine, resumption: form, ticketKeys: keys));
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        return listener;
    }

    private async Task<string> ClientAsync(AgentListener listener, string version, params string[] more)
    {
        var result = await CommandLine.RunAsync(
            "openssl", ["s_client", "-connect", $"127.0.0.1:{listener.Port}", "-servername", "customer1.agent.test", version, "-ign_eof", "-cert", pki.Client.Certificate, "-key", pki.Client.Key, .. more],
            "GET / HTTP/1.1\r\nHost: customer1.agent.test\r\nConnection: close\r\n\r\n");
        return result.All;
    }
}
