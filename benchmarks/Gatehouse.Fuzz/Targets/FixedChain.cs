namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// Certificates made once with OpenSSL; their keys were thrown away, so that nobody can sign another. In <c>chain.pem</c>: CA, RSA CA, an intermediate with
/// every constraint there is, a plain leaf, a leaf of the intermediate, and one signed by RSASSA-PSS.
/// </summary>
internal static class FixedChain
{
    private static readonly string[] s_pem = Read();
    private static readonly byte[][] s_der = [.. s_pem.Select(Decode)];

    /// <summary>Within the validity of all of them.</summary>
    public static DateTimeOffset Now { get; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Both CAs.</summary>
    public static string CaPem => s_pem[0] + s_pem[1];

    public static string IntermediatePem => s_pem[2];
    public static string LeafPem => s_pem[3];
    public static byte[] Ca => s_der[0];
    public static byte[] Intermediate => s_der[2];
    public static byte[] Leaf => s_der[3];
    public static byte[] LeafOfIntermediate => s_der[4];
    public static byte[] RsaLeaf => s_der[5];

    /// <summary>True for the bytes of one that a CA signed.</summary>
    public static bool IsSigned(ReadOnlySpan<byte> der)
    {
        for (var i = 2; i < s_der.Length; i++)
        {
            if (der.SequenceEqual(s_der[i]))
                return true;
        }
        return false;
    }

    private static string[] Read()
    {
        using var stream = typeof(FixedChain).Assembly.GetManifestResourceStream("chain.pem")!;
        using var reader = new StreamReader(stream);
        const string End = "-----END CERTIFICATE-----\n";
        return [.. reader.ReadToEnd().ReplaceLineEndings("\n").Split(End, StringSplitOptions.RemoveEmptyEntries).Select(block => block + End)];
    }

    private static byte[] Decode(string pem) => Convert.FromBase64String(pem[(pem.IndexOf('\n', StringComparison.Ordinal) + 1)..pem.IndexOf("\n-----END", StringComparison.Ordinal)]);
}
