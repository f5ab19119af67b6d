namespace Gatehouse.Fuzz.Engine;

/// <summary>Inputs worth keeping, one file a target: a line of base64 for each, shortest first, so that a change of it can be read.</summary>
internal static class Corpus
{
    /// <summary>The file of a target below the checkout.</summary>
    public static string PathOf(string repository, string target) => Path.Combine(repository, "tests", "Gatehouse.FuzzTests", "Corpus", target + ".txt");

    public static IEnumerable<byte[]> Read(string path) =>
        File.Exists(path) ? File.ReadLines(path).Where(line => line.Length > 0).Select(line => line == "-" ? [] : Convert.FromBase64String(line)) : [];

    public static void Write(string path, IEnumerable<byte[]> inputs) =>
        // An empty line would be lost on the way through editors.
        File.WriteAllLines(path, inputs.OrderBy(i => i.Length).ThenBy(Convert.ToHexString, StringComparer.Ordinal).Select(i => i.Length == 0 ? "-" : Convert.ToBase64String(i)));
}
