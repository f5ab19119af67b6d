namespace Gatehouse.Gateway;

/// <summary>
/// Takes the chunked coding (RFC 9112 §7.1) off a body that comes in pieces cut anywhere. Strict: what another reader might understand
/// otherwise is refused. Trailers are read and dropped.
/// </summary>
internal struct ChunkedDecoder
{
    /// <summary>Hexadecimal digits of a chunk's size: 2^60 bytes cannot overflow.</summary>
    private const int MaxDigits = 15;

    private const int MaxExtensionBytes = 256, MaxTrailerBytes = 8 * 1024;

    private State _state;
    private long _left;
    private int _count;

    private enum State
    {
        Size,
        Extension,
        SizeEnd,
        Data,
        DataCr,
        DataLf,
        TrailerStart,
        Trailer,
        TrailerEnd,
        LastLf,
        Done,
    }

    /// <summary>The last chunk and the trailers were read.</summary>
    public readonly bool IsDone => _state == State.Done;

    /// <summary>Reads up to the next piece of the body.</summary>
    /// <param name="input">What follows what was consumed before.</param>
    /// <param name="consumed">Bytes taken off <paramref name="input"/>, the returned ones included.</param>
    /// <returns>A piece of <paramref name="input"/>; empty when more is needed, or at the end.</returns>
    /// <exception cref="UpstreamException">It is no chunked coding.</exception>
    public ReadOnlySpan<byte> Next(ReadOnlySpan<byte> input, out int consumed)
    {
        for (var i = 0; i < input.Length && _state != State.Done; i++)
        {
            if (_state == State.Data)
            {
                var length = (int)Math.Min(_left, input.Length - i);
                _left -= length;
                if (_left == 0)
                    _state = State.DataCr;
                consumed = i + length;
                return input.Slice(i, length);
            }
            _state = After(input[i]);
            if (_state == State.Done)
            {
                consumed = i + 1;
                return [];
            }
        }
        consumed = _state == State.Done ? 0 : input.Length;
        return [];
    }

    private State After(byte next) => _state switch
    {
        State.Size => Size(next),
        State.Extension when next == '\r' => State.SizeEnd,
        State.Extension => Text(next, MaxExtensionBytes, State.Extension),
        State.SizeEnd => Expect(next, '\n', _left == 0 ? State.TrailerStart : State.Data, resets: true),
        State.DataCr => Expect(next, '\r', State.DataLf),
        State.DataLf => Expect(next, '\n', State.Size, resets: true),
        State.TrailerStart when next == '\r' => State.LastLf,
        State.TrailerStart when next is (byte)' ' or (byte)'\t' or (byte)':' => throw Bad(),
        State.Trailer when next == '\r' => State.TrailerEnd,
        State.TrailerStart or State.Trailer => Text(next, MaxTrailerBytes, State.Trailer),
        State.TrailerEnd => Expect(next, '\n', State.TrailerStart),
        State.LastLf => Expect(next, '\n', State.Done),
        _ => throw Bad(),
    };

    private State Size(byte next)
    {
        if (char.IsAsciiHexDigit((char)next))
        {
            if (++_count > MaxDigits)
                throw Bad();
            _left = (_left << 4) + (next & 0xf) + ((next >> 6) * 9);
            return State.Size;
        }
        if (_count == 0)
            throw Bad();
        if (next == '\r')
            return State.SizeEnd;
        if (next is not ((byte)';' or (byte)' ' or (byte)'\t'))
            throw Bad();
        _count = 0;
        return State.Extension;
    }

    private State Text(byte next, int limit, State state) =>
        ++_count <= limit && next is >= 0x20 and not 0x7f or (byte)'\t' ? state : throw Bad();

    private State Expect(byte next, char expected, State state, bool resets = false)
    {
        if (next != expected)
            throw Bad();
        if (resets)
            _count = 0;
        return state;
    }

    private static UpstreamException Bad() => new(ForwardFailure.BadAnswer, "a body in a broken chunked coding");
}
