using System.Text;

namespace Recording;

/// <summary>Writes what was reached as a call graph for the TI service, in Avro's binary encoding, to the file that CALL_GRAPH names.</summary>
public sealed class CallGraphFile : IDisposable
{
    private readonly MemoryStream _avro = new();

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("CALL_GRAPH") is { Length: > 0 } path)
        {
            WriteGraph();
            File.WriteAllBytes(path, _avro.ToArray());
        }

        _avro.Dispose();
    }

    /// <summary>Three arrays: nodes (files and tests), which tests reach a file, and calls for drawing, of which there are none here.</summary>
    private void WriteGraph()
    {
        var tests = Reached.Tests.ToArray();
        var files = tests.SelectMany(test => test.Value.Files.Keys).Distinct().ToArray();
        Long(files.Length + tests.Length);
        for (var i = 0; i < files.Length; i++)
            Node(i, "", "Shop", Path.GetFileNameWithoutExtension(files[i]), "source", files[i]);
        for (var i = 0; i < tests.Length; i++)
            Node(files.Length + i, tests[i].Key.Method, tests[i].Key.Package, tests[i].Key.Class, "test", tests[i].Value.File);
        Long(0);
        Long(files.Length);
        for (var i = 0; i < files.Length; i++)
        {
            Long(i);
            var reaching = Enumerable.Range(0, tests.Length).Where(test => tests[test].Value.Files.ContainsKey(files[i])).ToArray();
            Long(reaching.Length);
            foreach (var test in reaching)
                Long(files.Length + test);
            Long(0);
        }

        if (files.Length > 0)
            Long(0);
        Long(0);
    }

    private void Node(int id, string method, string package, string name, string type, string file)
    {
        Text(method);
        Text(package);
        Long(id);
        Long(0); // Class id.
        Text(""); // Parameters.
        Text(name);
        Text(type);
        Long(0); // Calls by reflection: false.
        Long(0); // Always to be run: false.
        Text(file);
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Long(bytes.Length);
        _avro.Write(bytes);
    }

    private void Long(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest >= 0x80; rest >>= 7)
            _avro.WriteByte((byte)(rest | 0x80));
        _avro.WriteByte((byte)rest);
    }
}
