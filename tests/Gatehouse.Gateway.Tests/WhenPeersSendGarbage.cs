using System.Net;
using System.Net.Sockets;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>What a stranger sends is never an error of ours: an alert, or nothing, the end, and a line for people who look for it.</summary>
public sealed class WhenPeersSendGarbage(RecipePki pki)
{
    public static TheoryData<TlsEngineKind, string> Openings
    {
        get
        {
            var all = new TheoryData<TlsEngineKind, string>();
            foreach (var engine in new[] { TlsEngineKind.OpenSsl, TlsEngineKind.SslStream })
            {
                // A handshake message that is no ClientHello; application data; plain HTTP; SSL 2; an alert; an empty record; a length that lies.
                foreach (var bytes in (string[])["16030100050200000103", "1703030003414141", "474554202f20485454502f312e310d0a0d0a", "802e0100020015000000100100", "15030300020100", "1603010000", "160301ffff0100"])
                    all.Add(engine, bytes);
            }
            return all;
        }
    }

    [Theory, MemberData(nameof(Openings))]
    public async Task Instead_of_a_ClientHello_it_ends_the_connection_and_is_no_error(TlsEngineKind engine, string bytes)
    {
        await using var listener = await AgentListener.StartAsync(o => o.With(engine));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, listener.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Convert.FromHexString(bytes), TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        // The end comes after everything is logged.
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // An end, too.
        }
        Assert.Empty(listener.Errors);
    }

    [Theory, InlineData(TlsEngineKind.OpenSsl), InlineData(TlsEngineKind.SslStream)]
    public async Task Asking_to_renegotiate_ends_the_connection_and_is_no_error(TlsEngineKind engine)
    {
        await using var listener = await AgentListener.StartAsync(o => o.With(engine));
        await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
        var result = await CommandLine.RunAsync("openssl", [
            "s_client", "-connect", $"127.0.0.1:{listener.Port}", "-servername", "customer1.agent.test", "-tls1_2", "-no_ign_eof",
            "-cert", pki.Client.Certificate, "-key", pki.Client.Key], input: "R\n");
        Assert.Contains("RENEGOTIATING", result.All, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", result.All, StringComparison.Ordinal);
        Assert.Empty(listener.Errors);
    }
}
