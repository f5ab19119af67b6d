namespace Gatehouse.Pki;

/// <summary>The names of <see cref="KeyKind"/> on the command line.</summary>
public static class KeyKinds
{
    /// <summary>Every name, for help texts and errors.</summary>
    public const string Names = "rsa:2048, rsa:3072, rsa:4096, ec:p256, ec:p384";

    /// <summary>Reads a name, in any case; false when it is none of <see cref="Names"/>.</summary>
    public static bool TryParse(string? text, out KeyKind kind)
    {
        (bool known, kind) = text?.Trim().ToLowerInvariant() switch
        {
            "rsa:2048" => (true, KeyKind.Rsa2048),
            "rsa:3072" => (true, KeyKind.Rsa3072),
            "rsa:4096" => (true, KeyKind.Rsa4096),
            "ec:p256" => (true, KeyKind.EcP256),
            "ec:p384" => (true, KeyKind.EcP384),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>The name, for example <c>ec:p256</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">None of the declared values.</exception>
    public static string Name(KeyKind kind) => kind switch
    {
        KeyKind.Rsa2048 => "rsa:2048",
        KeyKind.Rsa3072 => "rsa:3072",
        KeyKind.Rsa4096 => "rsa:4096",
        KeyKind.EcP256 => "ec:p256",
        KeyKind.EcP384 => "ec:p384",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
