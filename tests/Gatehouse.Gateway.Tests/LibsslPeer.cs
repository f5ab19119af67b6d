using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using Gatehouse.Testing;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Gatehouse.Gateway.Tests;

/// <summary>
/// A client on libssl whose ciphertext passes through memory: each record can be held back, joined with others or left out, and records of our own
/// can be put in between (<see cref="RecordSealer"/>).
/// </summary>
internal sealed partial class LibsslPeer : IDisposable
{
    private const string Ssl = "libssl.so.3", Crypto = "libcrypto.so.3";
    private const int WantRead = 2, SetMinVersion = 123, SetMaxVersion = 124, SetHostName = 55, FileTypePem = 1;
    private static readonly ConcurrentDictionary<nint, string> s_secrets = new();
    private readonly nint _context, _ssl, _input, _output;

    public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public unsafe LibsslPeer(string host, SslProtocols version, OpenSsl.Pair? client)
    {
        _context = SSL_CTX_new(TLS_client_method());
        var number = version == SslProtocols.Tls13 ? 0x0304 : 0x0303;
        _ = SSL_CTX_ctrl(_context, SetMinVersion, number, null);
        _ = SSL_CTX_ctrl(_context, SetMaxVersion, number, null);
        // The suites that the sealer knows.
        _ = SSL_CTX_set_ciphersuites(_context, "TLS_AES_128_GCM_SHA256");
        _ = SSL_CTX_set_cipher_list(_context, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
        SSL_CTX_set_keylog_callback(_context, &KeepSecret);
        if (client is not null)
        {
            Assert.Equal(1, SSL_CTX_use_certificate_chain_file(_context, client.Certificate));
            Assert.Equal(1, SSL_CTX_use_PrivateKey_file(_context, client.Key, FileTypePem));
        }
        _ssl = SSL_new(_context);
        (_input, _output) = (BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_bio(_ssl, _input, _output);
        SSL_set_connect_state(_ssl);
        _ = SSL_ctrl(_ssl, SetHostName, 0, host);
    }

    /// <summary>Connects and shakes hands; over the network in one piece each flight.</summary>
    public static async Task<LibsslPeer> ConnectAsync(int port, string host, SslProtocols version, OpenSsl.Pair? client)
    {
        var peer = new LibsslPeer(host, version, client);
        await peer.Socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        while (!peer.Step())
        {
            await peer.SendAsync(peer.Take());
            Assert.True(await peer.ReceiveAsync(), "The server closed during the handshake.");
        }
        await peer.SendAsync(peer.Take());
        return peer;
    }

    /// <summary>One step of the handshake; true when it is done.</summary>
    public bool Step()
    {
        ERR_clear_error();
        var result = SSL_do_handshake(_ssl);
        if (result != 1 && SSL_get_error(_ssl, result) != WantRead)
            throw new AuthenticationException("The handshake failed.");
        return result == 1;
    }

    /// <summary>The ciphertext that waits to be sent.</summary>
    public byte[] Take()
    {
        var taken = new List<byte>();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = BIO_read(_output, buffer, buffer.Length)) > 0)
            taken.AddRange(buffer.AsSpan(0, read));
        return [.. taken];
    }

    /// <summary>Ciphertext from the server, when it comes by another way than the socket.</summary>
    public void Give(ReadOnlySpan<byte> ciphertext) => Assert.Equal(ciphertext.Length, BIO_write(_input, ciphertext, ciphertext.Length));

    /// <summary>Plaintext as records, not sent.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plaintext)
    {
        Assert.Equal(plaintext.Length, SSL_write(_ssl, plaintext, plaintext.Length));
        return Take();
    }

    /// <summary>A key update (RFC 8446 §4.6.3), not sent; with a request it makes the server answer with one of its own.</summary>
    public byte[] KeyUpdate(bool request)
    {
        Assert.Equal(1, SSL_key_update(_ssl, request ? 1 : 0));
        Assert.True(Step());
        return Take();
    }

    /// <summary>close_notify, not sent.</summary>
    public byte[] CloseNotify()
    {
        _ = SSL_shutdown(_ssl);
        return Take();
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await Socket.SendAsync(bytes, TestContext.Current.CancellationToken)..];
    }

    /// <summary>All plaintext until the server ends; a reset is an end, too.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new System.Text.StringBuilder();
        do
            text.Append(Open());
        while (await ReceiveAsync());
        return text.Append(Open()).ToString();
    }

    /// <summary>Plaintext until it contains <paramref name="end"/>.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var text = Open();
        while (!text.Contains(end, StringComparison.Ordinal))
            text += await ReceiveAsync() ? Open() : throw new IOException($"The server closed after: {text}");
        return text;
    }

    /// <summary>Waits until the server ends the connection; whatever it says before is thrown away.</summary>
    public async Task EndAsync() => await ReadToEndAsync();

    /// <summary>What a sealer needs: of TLS 1.3 the client's traffic secret, of TLS 1.2 the master secret.</summary>
    public RecordSealer Sealer()
    {
        var secret = Convert.FromHexString(s_secrets[_context].Split(' ')[2]);
        if (s_secrets[_context].StartsWith("CLIENT_TRAFFIC", StringComparison.Ordinal))
            return RecordSealer.Of13(secret);
        var (client, server) = (new byte[32], new byte[32]);
        _ = SSL_get_client_random(_ssl, client, 32);
        _ = SSL_get_server_random(_ssl, server, 32);
        return RecordSealer.Of12(secret, client, server);
    }

    public void Dispose()
    {
        Socket.Dispose();
        SSL_free(_ssl);
        SSL_CTX_free(_context);
        s_secrets.TryRemove(_context, out _);
    }

    /// <summary>The plaintext of what has come.</summary>
    public string Open()
    {
        var text = "";
        var buffer = new byte[16 * 1024];
        ERR_clear_error();
        int read;
        while ((read = SSL_read(_ssl, buffer, buffer.Length)) > 0)
            text += System.Text.Encoding.Latin1.GetString(buffer, 0, read);
        ERR_clear_error();
        return text;
    }

    private async Task<bool> ReceiveAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var buffer = new byte[64 * 1024];
        try
        {
            var read = await Socket.ReceiveAsync(buffer, limit.Token);
            _ = BIO_write(_input, buffer, read);
            return read > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [UnmanagedCallersOnly]
    private static unsafe void KeepSecret(nint ssl, byte* line)
    {
        var text = Marshal.PtrToStringUTF8((nint)line)!;
        if (text.StartsWith("CLIENT_TRAFFIC_SECRET_0 ", StringComparison.Ordinal) || text.StartsWith("CLIENT_RANDOM ", StringComparison.Ordinal))
            s_secrets[SSL_get_SSL_CTX(ssl)] = text;
    }

    [LibraryImport(Ssl)] private static partial nint TLS_client_method();
    [LibraryImport(Ssl)] private static partial nint SSL_CTX_new(nint method);
    [LibraryImport(Ssl)] private static partial void SSL_CTX_free(nint context);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial nint SSL_CTX_ctrl(nint context, int command, nint number, string? argument);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial int SSL_CTX_set_ciphersuites(nint context, string suites);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial int SSL_CTX_set_cipher_list(nint context, string ciphers);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial int SSL_CTX_use_certificate_chain_file(nint context, string path);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial int SSL_CTX_use_PrivateKey_file(nint context, string path, int type);
    [LibraryImport(Ssl)] private static unsafe partial void SSL_CTX_set_keylog_callback(nint context, delegate* unmanaged<nint, byte*, void> callback);
    [LibraryImport(Ssl)] private static partial nint SSL_new(nint context);
    [LibraryImport(Ssl)] private static partial void SSL_free(nint ssl);
    [LibraryImport(Ssl)] private static partial nint SSL_get_SSL_CTX(nint ssl);
    [LibraryImport(Ssl)] private static partial void SSL_set_connect_state(nint ssl);
    [LibraryImport(Ssl)] private static partial void SSL_set_bio(nint ssl, nint input, nint output);
    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)] private static partial nint SSL_ctrl(nint ssl, int command, nint number, string argument);
    [LibraryImport(Ssl)] private static partial int SSL_do_handshake(nint ssl);
    [LibraryImport(Ssl)] private static partial int SSL_get_error(nint ssl, int result);
    [LibraryImport(Ssl)] private static partial int SSL_read(nint ssl, Span<byte> buffer, int length);
    [LibraryImport(Ssl)] private static partial int SSL_write(nint ssl, ReadOnlySpan<byte> buffer, int length);
    [LibraryImport(Ssl)] private static partial int SSL_shutdown(nint ssl);
    [LibraryImport(Ssl)] private static partial int SSL_key_update(nint ssl, int type);
    [LibraryImport(Ssl)] private static partial nuint SSL_get_client_random(nint ssl, Span<byte> buffer, nuint length);
    [LibraryImport(Ssl)] private static partial nuint SSL_get_server_random(nint ssl, Span<byte> buffer, nuint length);
    [LibraryImport(Crypto)] private static partial nint BIO_s_mem();
    [LibraryImport(Crypto)] private static partial nint BIO_new(nint method);
    [LibraryImport(Crypto)] private static partial int BIO_write(nint bio, ReadOnlySpan<byte> data, int length);
    [LibraryImport(Crypto)] private static partial int BIO_read(nint bio, Span<byte> data, int length);
    [LibraryImport(Crypto)] private static partial void ERR_clear_error();
}
