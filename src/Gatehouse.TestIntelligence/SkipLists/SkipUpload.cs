using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gatehouse.TestIntelligence.Protocol;

namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>What a step says of the test files that it ran: the body of <c>/v2/uploadcg</c>.</summary>
internal sealed class SkipUpload
{
    /// <summary>Bytes of an execution context.</summary>
    private const int MaxContext = 64 * 1024;

    /// <summary>Of one test in one upload; of these a few are kept. One set less allows less, never more.</summary>
    private const int MostSets = 64, MostChains = 4096;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    private long _relations;

    /// <summary>Files.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>Test files that ran, with what is said of them.</summary>
    public Dictionary<string, UploadedRuns> Tests { get; } = new(StringComparer.Ordinal);

    /// <summary>Test files that failed.</summary>
    public HashSet<string> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>The step's execution context, as it sent it; empty when it sent none.</summary>
    public string Context { get; private set; } = "";

    /// <summary>Reads the body: token by token as it unpacks, because a repository's relations come by the million.</summary>
    /// <exception cref="InvalidDataException">It is not of that form.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static SkipUpload Read(Stream json)
    {
        var upload = new SkipUpload();
        var reader = new JsonTokens(json, Contracts.Limits.MaxJsonDepth);
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

    /// <summary>One text for one context: members in order, written one way whoever wrote them, nothing for none.</summary>
    public static string ContextOf(JsonElement? context)
    {
        if (context is not { ValueKind: JsonValueKind.Object } given)
            return "";
        var members = given.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"{JsonSerializer.Serialize(member.Name)}:{Written(member.Value)}").ToList();
        return members.Count == 0 ? "" : string.Join(',', members);
    }

    private delegate void ReadItem(SkipUpload upload, ref JsonTokens reader);

    private void ReadItems(ref JsonTokens reader, ReadItem read)
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

    private static void ReadTest(SkipUpload upload, ref JsonTokens reader)
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
        var runs = upload.RunsOf(name);
        runs.Sets.AddRange(sets.Take(MostSets - runs.Sets.Count));
    }

    private void ReadSets(ref JsonTokens reader, List<int[]> sets)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException("A test's indicativeChains are no array.");
        var files = new List<int>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            files.Clear();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("source_paths"u8))
                    ReadPaths(ref reader, files);
                else
                    reader.Skip();
            }
            if (sets.Count < MostSets)
                sets.Add([.. files]);
            if ((_relations += files.Count) > TiLimits.MaxRelations)
                throw TooMuch($"{TiLimits.MaxRelations} relations");
        }
    }

    private void ReadPaths(ref JsonTokens reader, List<int> files)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException("A chain's source_paths are no array.");
        var lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> buffer = stackalloc char[1024];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            // A path that is known costs no string; most are.
            scoped ReadOnlySpan<char> path = reader.ValueSpan.Length <= buffer.Length ? buffer[..reader.CopyString(buffer)] : reader.GetString();
            if (!lookup.TryGetValue(path, out var number))
            {
                if (Paths.Count >= TiLimits.MaxUnits)
                    throw TooMuch($"{TiLimits.MaxUnits} files");
                var text = path.ToString();
                _numbers[text] = number = Paths.Count;
                Paths.Add(text);
            }
            files.Add(number);
        }
        if (reader.TokenType != JsonTokenType.EndArray)
            throw new InvalidDataException("A chain's source_paths hold something else than texts.");
    }

    private static void ReadChain(SkipUpload upload, ref JsonTokens reader)
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
        var runs = upload.RunsOf(name);
        runs.HasFailed |= state == ChainState.Failure;
        if (runs.Chains.Count < MostChains)
            runs.Chains.Add((test, sources, state));
    }

    private void ReadFailures(ref JsonTokens reader)
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
            if (Failures.Count > TiLimits.MaxTests)
                throw TooMuch($"{TiLimits.MaxTests} failures");
        }
    }

    private void ReadIdentifier(ref JsonTokens reader)
    {
        reader.Read();
        var depth = reader.CurrentDepth;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("extraInfo"u8))
            {
                reader.Skip();
                continue;
            }
            reader.Read();
            using var copy = new MemoryStream();
            using (var writer = new Utf8JsonWriter(copy))
                reader.CopyTo(writer, MaxContext);
            using var context = JsonDocument.Parse(copy.GetBuffer().AsMemory(0, (int)copy.Length));
            Context = ContextOf(context.RootElement);
        }
    }

    /// <summary>As our own writer writes it: without white space, escapes in one form.</summary>
    private static string Written(JsonElement value)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            var tokens = new JsonTokens(new MemoryStream(Encoding.UTF8.GetBytes(value.GetRawText())), Contracts.Limits.MaxJsonDepth);
            tokens.Read();
            tokens.CopyTo(writer, MaxContext);
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private UploadedRuns RunsOf(string path)
    {
        ref var runs = ref CollectionsMarshal.GetValueRefOrAddDefault(Tests, path, out _);
        if (Tests.Count > TiLimits.MaxTests)
            throw TooMuch($"{TiLimits.MaxTests} tests");
        return runs ??= new UploadedRuns();
    }

    private static string Text(ref JsonTokens reader)
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
    private static ulong Checksum(ref JsonTokens reader)
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

    private static InputException TooMuch(string what) => new($"The body holds more than {what}, which is the limit here.", 413);

    private static void Expect(ref JsonTokens reader, JsonTokenType token, string what)
    {
        if (!reader.Read() || reader.TokenType != token)
            throw new InvalidDataException($"The body is not {what}.");
    }
}

/// <summary>What an upload says of a test file.</summary>
internal sealed class UploadedRuns
{
    /// <summary>Sets of files that its runs reached.</summary>
    public List<int[]> Sets { get; } = new(1);

    /// <summary>One of its runs failed.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Its runs.</summary>
    public List<(ulong Test, ulong Sources, ChainState State)> Chains { get; } = new(1);
}
