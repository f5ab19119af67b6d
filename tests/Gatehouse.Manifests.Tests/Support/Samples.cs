using Gatehouse.Manifests.Mtls;
using Gatehouse.Testing;

namespace Gatehouse.Manifests.Tests.Support;

/// <summary>Manifests of many shapes. Written for these tests.</summary>
internal static class Samples
{
    private static readonly string s_folder = Path.Combine(SourceTree.Root, "tests", "Gatehouse.Manifests.Tests", "Corpus");

    /// <summary>Every file, as it is and in the other shapes that files come in.</summary>
    public static TheoryData<string, string> All
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var file in Directory.GetFiles(s_folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal))
            {
                foreach (var shape in (string[])["as it is", "CRLF", "BOM", "no line end"])
                {
                    data.Add(file, shape);
                }
            }

            return data;
        }
    }

    public static string Read(string file, string shape = "as it is")
    {
        var text = File.ReadAllText(Path.Combine(s_folder, file)).ReplaceLineEndings("\n");
        return shape switch
        {
            "CRLF" => text.ReplaceLineEndings("\r\n"),
            "BOM" => "\uFEFF" + text,
            "no line end" => text.TrimEnd('\n'),
            _ => text,
        };
    }

    public static MtlsOptions Options { get; } = new() { Endpoint = MtlsEndpoint.Parse("https://customer1.agent.example.io") };
}
