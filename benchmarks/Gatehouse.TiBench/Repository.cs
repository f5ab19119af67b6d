using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Gatehouse.TiBench;

/// <summary>A made-up repository: so many tests, so many files, each test reaching so many of them, half near each other, half anywhere. The same numbers make the same repository.</summary>
internal sealed class Repository(int tests, int files, int reach)
{
    private readonly Random _random = new(4711);
    private int[][]? _reaches;

    public int Tests => tests;

    public int Files => files;

    public long Relations => Reaches.Sum(list => (long)list.Length);

    private int[][] Reaches => _reaches ??= [.. Enumerable.Range(0, tests).Select(test => Enumerable.Range(0, reach)
        .Select(i => i % 2 == 0 ? (int)((long)test * files / tests + _random.Next(200)) % files : _random.Next(files)).Distinct().Order().ToArray())];

    public static string PathOf(int file) => string.Create(CultureInfo.InvariantCulture, $"modules/m{file % 97:00}/src/main/java/com/example/p{file % 997:000}/Source{file:00000}.java");

    public static string TestPathOf(int test) => string.Create(CultureInfo.InvariantCulture, $"modules/m{test % 97:00}/src/test/java/com/example/p{test % 997:000}/Case{test:000000}Test.java");

    /// <summary>The body of <c>/tests/uploadcg</c>, compressed as clients send it.</summary>
    public byte[] CallGraph()
    {
        using var avro = new AvroWriter();
        avro.Long(files + tests);
        for (var file = 0; file < files; file++)
            Node(file, $"com.example.p{file % 997:000}", $"Source{file:00000}", "source", PathOf(file));
        for (var test = 0; test < tests; test++)
            Node(files + test, $"com.example.p{test % 997:000}", $"Case{test:000000}Test", "test", TestPathOf(test));
        avro.Long(0);
        var byFile = Enumerable.Range(0, files).Select(_ => new List<int>()).ToArray();
        for (var test = 0; test < tests; test++)
        {
            foreach (var file in Reaches[test])
                byFile[file].Add(test);
        }
        avro.Long(files);
        for (var file = 0; file < files; file++)
        {
            avro.Long(file);
            if (byFile[file].Count > 0)
            {
                avro.Long(byFile[file].Count);
                foreach (var test in byFile[file])
                    avro.Long(files + test);
            }
            avro.Long(0);
        }
        avro.Long(0);
        avro.Long(0);
        return Gzip(JsonSerializer.SerializeToUtf8Bytes(Convert.ToBase64String(avro.ToArray())));

        void Node(int id, string package, string name, string type, string path)
        {
            avro.Text("run");
            avro.Text(package);
            avro.Long(id);
            avro.Long(id);
            avro.Text("");
            avro.Text(name);
            avro.Text(type);
            avro.Long(0); // false, as every zero is one byte
            avro.Long(0);
            avro.Text(path);
            avro.Long(0);
        }
    }

    /// <summary>The body of <c>/v2/uploadcg</c>.</summary>
    public byte[] Chains()
    {
        var sums = Enumerable.Range(0, files).ToDictionary(PathOf, file => (ulong)file, StringComparer.Ordinal);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("tests");
            for (var test = 0; test < tests; test++)
                Test(TestPathOf(test), Paths(test));
            Test(NonCode, ["README.md"]);
            json.WriteEndArray();
            json.WriteStartArray("chains");
            for (var test = 0; test < tests; test++)
                Chain(TestPathOf(test), (ulong)test, Paths(test).Select(path => (path, sums[path])));
            Chain(NonCode, 0, [("README.md", 1UL)]);
            json.WriteEndArray();
            json.WriteEndObject();

            void Test(string path, IEnumerable<string> sources)
            {
                json.WriteStartObject();
                json.WriteString("path", path);
                json.WriteStartArray("indicativeChains");
                json.WriteStartObject();
                json.WriteStartArray("source_paths");
                foreach (var source in sources)
                    json.WriteStringValue(source);
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
            }

            void Chain(string path, ulong own, IEnumerable<(string Path, ulong Sum)> sources)
            {
                json.WriteStartObject();
                json.WriteString("path", path);
                json.WriteString("testChecksum", own.ToString(CultureInfo.InvariantCulture));
                json.WriteString("checksum", XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(string.Join('|', sources.Select(source => $"{source.Path}:{source.Sum}")))).ToString(CultureInfo.InvariantCulture));
                json.WriteString("state", "SUCCESS");
                json.WriteEndObject();
            }
        }
        return Gzip(bytes.ToArray());
    }

    /// <summary>The body of <c>/v2/select</c>: all files, the first <paramref name="changed"/> of them changed.</summary>
    public byte[] Checksums(int changed) => Gzip(JsonSerializer.SerializeToUtf8Bytes(new
    {
        files = Enumerable.Range(0, files).Select(file => (PathOf(file), (ulong)file + (file < changed ? 1_000_000UL : 0)))
            .Concat(Enumerable.Range(0, tests).Select(test => (TestPathOf(test), (ulong)test))).Append(("README.md", 1UL)).ToDictionary(),
        executionContext = new { },
    }));

    private const string NonCode = "HARNESS_TI_NON_CODE_CHAIN_PATH";

    private IEnumerable<string> Paths(int test) => Reaches[test].Select(PathOf).Order(StringComparer.Ordinal);

    private static byte[] Gzip(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(body);
        return packed.ToArray();
    }

    /// <summary>As much of Avro's binary encoding as a call graph takes.</summary>
    private sealed class AvroWriter : IDisposable
    {
        private readonly MemoryStream _bytes = new();

        public void Long(long value)
        {
            var rest = (ulong)((value << 1) ^ (value >> 63));
            for (; rest >= 0x80; rest >>= 7)
                _bytes.WriteByte((byte)(rest | 0x80));
            _bytes.WriteByte((byte)rest);
        }

        public void Text(string text)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            Long(utf8.Length);
            _bytes.Write(utf8);
        }

        public byte[] ToArray() => _bytes.ToArray();

        public void Dispose() => _bytes.Dispose();
    }
}
