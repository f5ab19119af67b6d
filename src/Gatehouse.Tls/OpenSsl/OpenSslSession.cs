using System.Buffers;
using System.IO.Pipelines;
using System.Security.Authentication;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// One connection's <c>SSL</c> and the ciphertext on its way in and out. OpenSSL allows one thread at a time: every call is made under this
/// object's lock. It never waits: whoever drives it reads from and flushes to the transport.
/// </summary>
internal sealed unsafe class OpenSslSession(SslContextHandle context, IDuplexPipe transport, HandshakeFlow flow) : IDisposable
{
    [ThreadStatic] private static OpenSslSession? t_current;
    private readonly Lock _lock = new();
    private readonly SslHandle _ssl = SslHandle.Create(context);
    private ReadOnlySequence<byte> _input;
    private bool _failed;
    private bool _closed;
    private bool _saidGoodbye;
    private bool _isReading;
    private bool _hasAnswered;
    private SilentRecords _silent;

    /// <summary>The connection whose call this thread is in; for callbacks.</summary>
    public static OpenSslSession? Current => t_current;

    /// <summary>The handshake's state; null after it.</summary>
    public HandshakeFlow? Flow { get; private set; } = flow;

    /// <summary>Held while anything is written to the transport's output.</summary>
    public Lock Writing => _lock;

    /// <summary>The peer sends no more.</summary>
    public bool IsInputCompleted { get; private set; }

    /// <summary>Where OpenSSL has read the current input to.</summary>
    public SequencePosition Consumed => _input.Start;

    /// <summary>True while ciphertext of the current input is unread.</summary>
    public bool HasInput => !_input.IsEmpty;

    /// <summary>One step of the handshake with the input there is.</summary>
    public HandshakeStep Handshake(ReadOnlySequence<byte> input, bool isCompleted, out (int Reason, string Text) error)
    {
        lock (_lock)
        {
            (_input, IsInputCompleted, error) = (input, isCompleted, default);
            Native.ERR_clear_error();
            t_current = this;
            int result;
            try
            {
                result = Native.SSL_do_handshake(_ssl);
            }
            finally
            {
                t_current = null;
            }
            if (result == 1)
                return HandshakeStep.Done;
            if (Native.SSL_get_error(_ssl, result) == Native.ErrorWantRead && !isCompleted)
                return HandshakeStep.NeedsInput;
            error = OpenSslError.Take();
            _failed = true;
            return HandshakeStep.Failed;
        }
    }

    /// <summary>What was negotiated; ends the handshake's part of this object's life.</summary>
    public (SslProtocols Protocol, ReadOnlyMemory<byte> Alpn, bool IsResumed) Negotiated()
    {
        lock (_lock)
        {
            byte* alpn;
            uint length;
            Native.SSL_get0_alpn_selected(_ssl, &alpn, &length);
            return (Native.SSL_version(_ssl) == Native.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12,
                new ReadOnlySpan<byte>(alpn, (int)length).ToArray(), Native.SSL_session_reused(_ssl) == 1);
        }
    }

    /// <summary>The handshake is over: what it needed can be collected.</summary>
    public void ForgetHandshake() => Flow = null;

    /// <summary>Decrypts into <paramref name="plaintext"/>: bytes written; 0 when more input is needed; -1 at the end of the stream, orderly or not.</summary>
    public int Decrypt(Span<byte> plaintext)
    {
        lock (_lock)
        {
            if (_closed || _failed || _saidGoodbye)
                return -1;
            Native.ERR_clear_error();
            t_current = this;
            int read;
            try
            {
                _isReading = true;
                fixed (byte* bytes = plaintext)
                    read = Native.SSL_read(_ssl, bytes, plaintext.Length);
            }
            finally
            {
                _isReading = false;
                t_current = null;
            }
            if (read > 0)
            {
                _silent.Brought();
                return read;
            }
            var error = Native.SSL_get_error(_ssl, read);
            if (error is Native.ErrorWantRead)
                return IsInputCompleted && _input.IsEmpty ? -1 : 0;
            // close_notify ends the peer's side only: it may wait for our answer.
            if (error is Native.ErrorZeroReturn)
                _saidGoodbye = true;
            else
                Fail();
            return -1;
        }
    }

    /// <summary>
    /// True once after reading made OpenSSL write something by itself (alerts, key updates), which is to be flushed. A session for the client, which
    /// the handshake leaves in the output, goes with the first answer.
    /// </summary>
    public bool TakeHasAnswered()
    {
        lock (_lock)
        {
            var has = _hasAnswered;
            _hasAnswered = false;
            return has;
        }
    }

    /// <summary>The input that the next <see cref="Decrypt"/> may read.</summary>
    public void SetInput(ReadOnlySequence<byte> input, bool isCompleted)
    {
        lock (_lock)
            (_input, IsInputCompleted) = (input, isCompleted);
    }

    /// <summary>True when a decrypted record is only partly read.</summary>
    public bool HasPlaintext
    {
        get
        {
            lock (_lock)
                return !_closed && !_failed && Native.SSL_pending(_ssl) > 0;
        }
    }

    /// <summary>Encrypts into the transport's output, unflushed.</summary>
    /// <exception cref="IOException">The connection is closed or broken.</exception>
    public void Encrypt(ReadOnlySpan<byte> plaintext)
    {
        lock (_lock)
        {
            if (_closed || _failed)
                throw new IOException("The TLS connection is closed.");
            Native.ERR_clear_error();
            t_current = this;
            int written;
            try
            {
                fixed (byte* bytes = plaintext)
                    written = Native.SSL_write(_ssl, bytes, plaintext.Length);
            }
            finally
            {
                t_current = null;
            }
            // The BIO takes everything or nothing: a part means that the connection is broken.
            if (written == plaintext.Length)
                return;
            Fail();
            throw new IOException("The TLS connection is broken.");
        }
    }

    /// <summary>Writes close_notify; false when there is nobody to write it to.</summary>
    public bool Shutdown()
    {
        lock (_lock)
        {
            if (_closed || _failed)
                return false;
            Native.ERR_clear_error();
            t_current = this;
            try
            {
                _ = Native.SSL_shutdown(_ssl);
            }
            finally
            {
                t_current = null;
            }
            Native.ERR_clear_error();
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _input = default;
            _ssl.Dispose();
        }
    }

    /// <summary>For the BIO, within a call; -1 when the connection is to be broken off.</summary>
    internal int TakeCiphertext(Span<byte> buffer)
    {
        var count = (int)Math.Min(_input.Length, buffer.Length);
        // OpenSSL asks for a record's header by itself, and begins another one as long as there is input: the end has to come from here.
        if (Flow is null && buffer.Length == SilentRecords.HeaderBytes && count > 0 && !_silent.TryBegin())
            return -1;
        _input.Slice(0, count).CopyTo(buffer);
        _input = _input.Slice(count);
        return count;
    }

    /// <summary>For the BIO, within a call.</summary>
    internal bool PutCiphertext(ReadOnlySpan<byte> bytes)
    {
        try
        {
            transport.Output.Write(bytes);
            _hasAnswered |= _isReading;
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            return false; // The output was completed: the peer is gone.
        }
    }

    private void Fail()
    {
        _failed = true;
        Native.ERR_clear_error();
    }
}

/// <summary>How a handshake goes on.</summary>
internal enum HandshakeStep
{
    NeedsInput,
    Done,
    Failed,
}
