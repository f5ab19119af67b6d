using System.Text.Json;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>
/// JSON token by token from a stream of any length, in memory of one token's size: what is read is forgotten. The stream is read as it is needed, and waited for; it is a
/// file or memory here, never a network.
/// </summary>
internal ref struct JsonTokens
{
    /// <summary>Bytes of one token; longer ones are refused.</summary>
    internal const int MaxToken = 1024 * 1024;

    private readonly Stream _stream;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private bool _isLast;
    private Utf8JsonReader _reader;

    public JsonTokens(Stream stream, int maxDepth, int bufferSize = 64 * 1024)
    {
        _stream = stream;
        _buffer = new byte[bufferSize];
        _reader = new Utf8JsonReader(ReadOnlySpan<byte>.Empty, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = maxDepth }));
    }

    /// <summary>The token that was read last; good until the next <see cref="Read"/>.</summary>
    public readonly JsonTokenType TokenType => _reader.TokenType;

    /// <inheritdoc cref="Utf8JsonReader.CurrentDepth"/>
    public readonly int CurrentDepth => _reader.CurrentDepth;

    /// <inheritdoc cref="Utf8JsonReader.ValueSpan"/>
    public readonly ReadOnlySpan<byte> ValueSpan => _reader.ValueSpan;

    /// <inheritdoc cref="Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/>
    /// <exception cref="InvalidDataException">It is not Unicode.</exception>
    public readonly bool ValueTextEquals(ReadOnlySpan<byte> text)
    {
        try
        {
            return _reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            throw NotUtf8();
        }
    }

    /// <inheritdoc cref="Utf8JsonReader.GetString"/>
    /// <exception cref="InvalidDataException">It is not UTF-8.</exception>
    public readonly string? GetString()
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            throw NotUtf8();
        }
    }

    /// <inheritdoc cref="Utf8JsonReader.CopyString(Span{char})"/>
    /// <exception cref="InvalidDataException">It is not UTF-8.</exception>
    public readonly int CopyString(Span<char> into)
    {
        try
        {
            return _reader.CopyString(into);
        }
        catch (InvalidOperationException)
        {
            throw NotUtf8();
        }
    }

    /// <summary>Goes on to the next token; false at the end of the document.</summary>
    /// <exception cref="JsonException">It is not JSON, or breaks off.</exception>
    /// <exception cref="InvalidDataException">A token is longer than <see cref="MaxToken"/>.</exception>
    public bool Read()
    {
        while (!_reader.Read())
        {
            if (_isLast)
                return false;
            Fill();
        }
        return true;
    }

    /// <summary>Passes over the value that comes next, or that begins here.</summary>
    public void Skip()
    {
        if (TokenType == JsonTokenType.PropertyName)
            Read();
        if (TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        for (var depth = CurrentDepth; Read() && CurrentDepth > depth;)
        {
        }
    }

    /// <summary>Writes the value that begins here, up to its end.</summary>
    /// <exception cref="InvalidDataException">It is longer than <paramref name="most"/> bytes.</exception>
    public void CopyTo(Utf8JsonWriter writer, int most)
    {
        var depth = CurrentDepth;
        do
        {
            if (writer.BytesCommitted + writer.BytesPending > most)
                throw new InvalidDataException($"The body has a value of more than {most} bytes where a few belong.");
            switch (TokenType)
            {
                case JsonTokenType.StartObject:
                    writer.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    writer.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    writer.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    writer.WriteEndArray();
                    break;
                case JsonTokenType.PropertyName:
                    writer.WritePropertyName(GetString()!);
                    break;
                case JsonTokenType.String:
                    writer.WriteStringValue(GetString());
                    break;
                default:
                    writer.WriteRawValue(ValueSpan);
                    break;
            }
        }
        while ((TokenType == JsonTokenType.PropertyName || CurrentDepth > depth || TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) && Read());
    }

    private static InvalidDataException NotUtf8() => new("The body holds a text that is not UTF-8.");

    private void Fill()
    {
        _start += (int)_reader.BytesConsumed;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxToken)
                throw new InvalidDataException($"The body holds a text of more than {MaxToken / 1024} KiB.");
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxToken));
        }
        var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _isLast = read == 0;
        _end += read;
        _reader = new Utf8JsonReader(_buffer.AsSpan(0, _end), _isLast, _reader.CurrentState);
    }
}
