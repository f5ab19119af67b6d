using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>What a step says of the test files that it ran: the body of <c>/v2/uploadcg</c>.</summary>
internal sealed class SkipUpload
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>Files.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>For each test file, the sets of files it reached.</summary>
    public Dictionary<string, List<int[]>> Sets { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs.</summary>
    public List<(string Path, ulong Test, ulong Sources, ChainState State)> Chains { get; } = [];

    /// <summary>Test files that failed.</summary>
    public HashSet<string> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>The step's execution context, as it sent it; empty when it sent none.</summary>
    public string Context { get; private set; } = "";

    /// <summary>Reads the body: token by token, because a repository's relations come by the million.</summary>
    /// <exception cref="InvalidDataException">It is not of that form.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static SkipUpload Read(ReadOnlySpan<byte> json)
    {
        var upload = new SkipUpload();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Contracts.Limits.MaxJsonDepth });
        Expect(ref reader, JsonTokenType.StartObject, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("tests"u8))
                upload.ReadItems(ref reader, ReadTest);
            else if (reader.ValueTextEquals("chains"u8))
                upload.ReadItems(ref reader, ReadChain);
            else if (reader.ValueTextEquals("previousFailures"u8))
                upload.ReadFailures(ref reader);
            else if (reader.ValueTextEquals("identifier"u8))
                upload.ReadIdentifier(ref reader);
            else
                reader.Skip();
        }
        return upload;
    }

    /// <summary>One text for one context: members in order, nothing for none.</summary>
    public static string ContextOf(JsonElement? context)
    {
        if (context is not { ValueKind: JsonValueKind.Object } given)
            return "";
        var members = given.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"{JsonSerializer.Serialize(member.Name)}:{member.Value.GetRawText()}").ToList();
        return members.Count == 0 ? "" : string.Join(',', members);
    }

    private delegate void ReadItem(SkipUpload upload, ref Utf8JsonReader reader);

    private void ReadItems(ref Utf8JsonReader reader, ReadItem read)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException("The body has something else where an array of tests or chains belongs.");
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            read(this, ref reader);
        if (reader.TokenType != JsonTokenType.EndArray)
            throw new InvalidDataException("The body has something else among its tests or chains.");
    }

    private static void ReadTest(SkipUpload upload, ref Utf8JsonReader reader)
    {
        string path = "", key = "";
        var sets = new List<int[]>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("path"u8))
                path = Text(ref reader);
            else if (reader.ValueTextEquals("key"u8))
                key = Text(ref reader);
            else if (reader.ValueTextEquals("indicativeChains"u8))
                upload.ReadSets(ref reader, sets);
            else
                reader.Skip();
        }
        if ((path.Length > 0 ? path : key) is not { Length: > 0 and <= 4096 } name)
            throw new InvalidDataException("A test has no path, or one of more than 4096 characters.");
        if (!upload.Sets.TryGetValue(name, out var known))
            upload.Sets[name] = known = [];
        known.AddRange(sets);
    }

    private void ReadSets(ref Utf8JsonReader reader, List<int[]> sets)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException("A test's indicativeChains are no array.");
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var files = new List<int>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("source_paths"u8))
                    ReadPaths(ref reader, files);
                else
                    reader.Skip();
            }
            sets.Add([.. files]);
        }
    }

    private void ReadPaths(ref Utf8JsonReader reader, List<int> files)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException("A chain's source_paths are no array.");
        var lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> text = stackalloc char[1024];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            // A path that is known costs no string; most are.
            scoped ReadOnlySpan<char> path = reader.ValueSpan.Length <= text.Length ? text[..reader.CopyString(text)] : reader.GetString();
            if (!lookup.TryGetValue(path, out var number))
            {
                _numbers[path.ToString()] = number = Paths.Count;
                Paths.Add(path.ToString());
            }
            files.Add(number);
        }
        if (reader.TokenType != JsonTokenType.EndArray)
            throw new InvalidDataException("A chain's source_paths hold something else than texts.");
    }

    private static void ReadChain(SkipUpload upload, ref Utf8JsonReader reader)
    {
        string path = "", key = "";
        ulong test = 0, sources = 0;
        var state = ChainState.Unknown;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("path"u8))
                path = Text(ref reader);
            else if (reader.ValueTextEquals("key"u8))
                key = Text(ref reader);
            else if (reader.ValueTextEquals("testChecksum"u8))
                test = Checksum(ref reader);
            else if (reader.ValueTextEquals("checksum"u8))
                sources = Checksum(ref reader);
            else if (reader.ValueTextEquals("state"u8))
                state = StateOf(Text(ref reader));
            else
                reader.Skip();
        }
        if ((path.Length > 0 ? path : key) is not { Length: > 0 and <= 4096 } name)
            throw new InvalidDataException("A chain has no path, or one of more than 4096 characters.");
        upload.Chains.Add((name, test, sources, state));
    }

    private void ReadFailures(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException("previousFailures is no array.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                Failures.Add(reader.GetString()!);
            else
                reader.Skip();
        }
    }

    private void ReadIdentifier(ref Utf8JsonReader reader)
    {
        reader.Read();
        using var identifier = JsonDocument.ParseValue(ref reader);
        if (identifier.RootElement.ValueKind == JsonValueKind.Object && identifier.RootElement.TryGetProperty("extraInfo", out var context))
            Context = ContextOf(context);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Null => "",
            _ => throw new InvalidDataException("The body has something else where a text belongs."),
        };
    }

    /// <summary>A decimal text or a number, all 64 bits of it.</summary>
    private static ulong Checksum(ref Utf8JsonReader reader)
    {
        reader.Read();
        var text = reader.TokenType is JsonTokenType.String or JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : "";
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var checksum)
            ? checksum
            : throw new InvalidDataException("A checksum is no whole number of 64 bits without a sign.");
    }

    private static ChainState StateOf(string text) => text.ToUpperInvariant() switch
    {
        "SUCCESS" => ChainState.Success,
        "FAILURE" => ChainState.Failure,
        "FLAKY" => ChainState.Flaky,
        _ => ChainState.Unknown,
    };

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (!reader.Read() || reader.TokenType != token)
            throw new InvalidDataException($"The body is not {what}.");
    }
}
