using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

/// <summary>ClientHellos in pieces and with names that nobody has (threat A4): judged as any other, or ended; never served by default.</summary>
public abstract class WhenHellosAreOdd(RecipePki pki, TlsEngineKind engine) : IAsyncLifetime
{
    private AgentListener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        _listener = await AgentListener.StartAsync(o => o.With(engine));
        await _listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
    }

    public async ValueTask DisposeAsync() => await _listener.DisposeAsync();

    /// <summary>Bytes a TCP segment and bytes a TLS record; 0: as it comes.</summary>
    public static TheoryData<SslProtocols, int, int> Cuts => new()
    {
        { SslProtocols.Tls12, 1, 0 }, { SslProtocols.Tls13, 1, 0 }, { SslProtocols.Tls12, 0, 16 }, { SslProtocols.Tls13, 0, 16 },
        { SslProtocols.Tls12, 7, 40 }, { SslProtocols.Tls13, 7, 40 },
    };

    [Theory, MemberData(nameof(Cuts))]
    public async Task A_hello_in_pieces_is_judged_as_any_other(SslProtocols version, int segment, int record)
    {
        // SslStream reads a name from one record only, and who names nobody gets nobody.
        if (engine == TlsEngineKind.SslStream && record > 0)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => GetAsync("customer1.agent.test", version, segment, record, pki.Client));
            Assert.Equal(RefusalCode.SniMissing, (await _listener.OnlyRefusalAsync()).Code);
            return;
        }
        Assert.Contains("authority=customer1.agent.test", await GetAsync("customer1.agent.test", version, segment, record, pki.Client), StringComparison.Ordinal);
        Assert.Contains("client_certificate_required", await GetAsync("customer1.agent.test", version, segment, record, null), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Cuts))]
    public async Task A_hello_in_pieces_for_a_strange_name_reaches_nobody(SslProtocols version, int segment, int record)
    {
        await Assert.ThrowsAnyAsync<Exception>(() => GetAsync("nobody.agent.test", version, segment, record, pki.Client));
        Assert.Equal(engine == TlsEngineKind.SslStream && record > 0 ? RefusalCode.SniMissing : RefusalCode.SniUnknown, (await _listener.OnlyRefusalAsync()).Code);
    }

    public static TheoryData<string> Names =>
    [
        // Too long, an empty label, a wildcard, a path, spaces, control characters, bytes beyond ASCII, an address.
        new string('a', 300), "customer1..agent.test", "*.agent.test", "customer1.agent.test/", "customer1.agent.test ", "customer1.agent.test\0.evil",
        "k\u00fcnde1.agent.test", "127.0.0.1", "[::1]", ".customer1.agent.test", "customer1.agent.test:8443x",
    ];

    [Theory, MemberData(nameof(Names))]
    public async Task A_name_that_cannot_be_ours_ends_the_handshake(string name)
    {
        var answer = await SayAsync(ClientHelloBytes.For(Encoding.Latin1.GetBytes(name)));
        // Fatal alert unrecognized_name, or decode_error where OpenSSL itself does not take the extension.
        Assert.Equal([21, 3], answer[..2]);
        Assert.Equal(2, answer[5]);
        Assert.Contains(answer[6], new byte[] { 112, 50, 47 });
        Assert.All(_listener.Refusals, r => Assert.Contains(r.Code, new[] { RefusalCode.SniUnknown, RefusalCode.SniMissing }));
    }

    [Theory]
    [InlineData("CUSTOMER1.agent.test")]
    [InlineData("Customer1.Agent.Test.")]
    public async Task Case_and_the_roots_dot_make_no_difference(string name)
    {
        // A ServerHello: the handshake goes on.
        var answer = await SayAsync(ClientHelloBytes.For(Encoding.ASCII.GetBytes(name)));
        Assert.Equal(22, answer[0]);
        Assert.Equal(2, answer[5]);
    }

    [Theory]
    [InlineData("two names")]
    [InlineData("another type")]
    [InlineData("a list that lies about its length")]
    public async Task A_name_list_of_another_form_ends_the_handshake(string form)
    {
        byte[] name = Encoding.ASCII.GetBytes("customer1.agent.test");
        byte[] entry = [0, 0, (byte)name.Length, .. name];
        byte[] body = form switch
        {
            "two names" => [0, (byte)(2 * entry.Length), .. entry, .. entry],
            "another type" => [0, (byte)entry.Length, 7, .. entry[1..]],
            _ => [0, (byte)(entry.Length - 1), .. entry],
        };
        Assert.Equal([21, 3], (await SayAsync(ClientHelloBytes.With(body)))[..2]);
    }

    private async Task<byte[]> SayAsync(byte[] hello)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _listener.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(hello, TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        var read = 0;
        while (read < 7 && await socket.ReceiveAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken) is > 0 and var more)
            read += more;
        return buffer[..read];
    }

    private async Task<string> GetAsync(string host, SslProtocols version, int segment, int record, OpenSsl.Pair? client)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(IPAddress.Loopback, _listener.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(new RecordCutter(tcp.GetStream(), segment, record));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = version,
            AllowTlsResume = false,
            ClientCertificates = client is null ? null : [X509Certificate2.CreateFromPemFile(client.Certificate, client.Key)],
            CertificateChainPolicy = _listener.ServerTrust(),
        }, TestContext.Current.CancellationToken);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        var (text, buffer) = ("", new byte[4096]);
        // Who was refused is waited for until he closes, too: both bodies end with these.
        while (!text.EndsWith('}') && !text.EndsWith($"header Host={host}\n", StringComparison.Ordinal) && await tls.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
            text += Encoding.ASCII.GetString(buffer, 0, read);
        return text;
    }
}
