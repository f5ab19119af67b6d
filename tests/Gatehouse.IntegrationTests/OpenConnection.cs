using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>A kept connection of a client with a certificate, as an idle delegate has one.</summary>
internal sealed class OpenConnection : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private readonly SslStream _stream;
    private readonly string _host;
    private readonly byte[] _buffer = new byte[8192];

    private OpenConnection(SslStream stream, string host) => (_stream, _host) = (stream, host);

    /// <summary>Connects, and has one answer: from then on the server knows it as admitted.</summary>
    public static async Task<OpenConnection> OpenAsync(GatehouseSystem system, string host, OpenSsl.Pair client)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, system.AgentPort);
        var stream = new SslStream(tcp.GetStream());
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(system.ServerCa);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificates = [X509Certificate2.CreateFromPemFile(client.Certificate, client.Key)],
            CertificateChainPolicy = trust,
        });
        var connection = new OpenConnection(stream, host);
        await connection.AskAsync();
        return connection;
    }

    /// <summary>One request and a good answer to it.</summary>
    public async Task AskAsync()
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /api/account/acc1/status HTTP/1.1\r\nHost: {_host}\r\n\r\n"));
        var answer = new StringBuilder();
        // A JSON object, by length or in chunks.
        while (!answer.ToString().EndsWith('}') && !answer.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await _stream.ReadAsync(_buffer).AsTask().WaitAsync(s_limit);
            Assert.True(read > 0, $"The connection ended after: {answer}");
            answer.Append(Encoding.ASCII.GetString(_buffer, 0, read));
        }
        Assert.StartsWith("HTTP/1.1 200", answer.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Returns when the server has ended it, and before that only fails.</summary>
    public async Task EndedAsync()
    {
        try
        {
            Assert.Equal(0, await _stream.ReadAsync(_buffer).AsTask().WaitAsync(s_limit));
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();
}
