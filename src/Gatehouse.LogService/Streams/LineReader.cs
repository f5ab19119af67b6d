using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Gatehouse.LogService.Streams;

/// <summary>
/// Reads the body of a write: a JSON array of line objects (sheet §4). The objects are put together anew in the sheet's field order and without
/// fields it does not know, as the first implementation does, but every value goes in as the bytes that were sent: no string is decoded and encoded again, no time loses a digit.
/// </summary>
internal static class LineReader
{
    private static readonly byte[][] s_names = ["level"u8.ToArray(), "pos"u8.ToArray(), "out"u8.ToArray(), "time"u8.ToArray(), "args"u8.ToArray()];
    private static readonly byte[][] s_absent = ["\"\""u8.ToArray(), "0"u8.ToArray(), "\"\""u8.ToArray(), "\"0001-01-01T00:00:00Z\""u8.ToArray(), "null"u8.ToArray()];
    private const int Level = 0, Pos = 1, Out = 2, Time = 3, Args = 4;

    /// <summary>The lines, of more than <see cref="LogLimits.MaxLines"/> the last.</summary>
    /// <param name="body">Of the request.</param>
    /// <param name="isCounted">The writer counts its lines: none may be left out, so there may be no more than a stream keeps.</param>
    /// <exception cref="JsonException">The body is not an array of lines; the message says what and where.</exception>
    public static LineBatch Read(ReadOnlyMemory<byte> body, bool isCounted = false)
    {
        // Readers get what writers sent: it must be text for them, too.
        if (!Utf8.IsValid(body.Span))
            body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body.Span));
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 8 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("The body is not a JSON array of lines.");
        var lines = new ArrayBufferWriter<byte>(body.Length + 64);
        var count = 0;
        var most = isCounted ? LogLimits.MaxLines : LogLimits.MaxWriteLines;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException($"Line {count} is not a JSON object.");
            if (++count > most)
                throw new JsonException($"The body has more than {most} lines{(isCounted ? ", which is the limit for a writer that counts them (firstLine)" : "")}.");
            ReadLine(ref reader, body.Span, count - 1, lines);
        }
        // Trailing text after the array is an error, as is an array that does not end.
        while (reader.Read()) { }
        var batch = new LineBatch(lines.WrittenMemory, count);
        return count > LogLimits.MaxLines ? batch.Skip(count - LogLimits.MaxLines) : batch;
    }

    private static void ReadLine(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, int number, ArrayBufferWriter<byte> into)
    {
        Span<Range> values = stackalloc Range[s_names.Length];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var field = FieldOf(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (field < 0)
            {
                reader.Skip();
                continue;
            }
            Check(ref reader, field, number);
            if (reader.TokenType != JsonTokenType.Null || field == Args)
                values[field] = start..(int)reader.BytesConsumed;
            // A text that is too long is cut; nothing else of a line has a reason to be long, and none a part that could be left out.
            if (field != Out && (int)reader.BytesConsumed - start > (field == Args ? LogLimits.MaxArgsBytes : LogLimits.MaxWordBytes))
                throw new JsonException($"The field {Encoding.ASCII.GetString(s_names[field])} of line {number} is too long.");
        }

        for (var field = 0; field < s_names.Length; field++)
        {
            into.Write(field == 0 ? "{\""u8 : ",\""u8);
            into.Write(s_names[field]);
            into.Write("\":"u8);
            var value = body[values[field]];
            if (value.IsEmpty)
                into.Write(s_absent[field]);
            else if (field == Out)
                LineText.Write(value, into);
            else
                WriteOnOneLine(value, into);
        }
        into.Write("}\n"u8);
    }

    /// <summary>Names match in any case, as in the first implementation; -1: one that is not kept.</summary>
    private static int FieldOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < s_names.Length; i++)
        {
            if (reader.ValueIsEscaped ? IsEscaped(ref reader, s_names[i]) : Ascii.EqualsIgnoreCase(s_names[i], reader.ValueSpan))
                return i;
        }
        return -1;
    }

    private static bool IsEscaped(ref Utf8JsonReader reader, byte[] name)
    {
        try
        {
            return Ascii.EqualsIgnoreCase(name, reader.GetString());
        }
        catch (InvalidOperationException)
        {
            // Half a character, escaped: valid JSON, and no text.
            return false;
        }
    }

    private static void Check(ref Utf8JsonReader reader, int field, int number)
    {
        var isGood = reader.TokenType == JsonTokenType.Null || field switch
        {
            Pos => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out _),
            Args => reader.TokenType == JsonTokenType.StartObject && HasOnlyTexts(ref reader),
            _ => reader.TokenType == JsonTokenType.String,
        };
        if (!isGood)
            throw new JsonException($"The field {Encoding.ASCII.GetString(s_names[field])} of line {number} has a value of the wrong kind.");
    }

    private static bool HasOnlyTexts(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                return false;
        }
        return true;
    }

    /// <summary>Between the tokens of valid JSON a line break is space, and inside of a string there is none.</summary>
    private static void WriteOnOneLine(ReadOnlySpan<byte> value, ArrayBufferWriter<byte> into)
    {
        var copy = into.GetSpan(value.Length)[..value.Length];
        value.CopyTo(copy);
        copy.Replace((byte)'\n', (byte)' ');
        copy.Replace((byte)'\r', (byte)' ');
        into.Advance(value.Length);
    }
}
