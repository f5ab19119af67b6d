namespace Gatehouse.Testing;

/// <summary>The CRLs of one CA, made by <c>openssl ca -gencrl</c> with a database of its own in <paramref name="directory"/>.</summary>
public sealed class OpenSslCrls(OpenSsl.Pair ca, string directory)
{
    private readonly string _name = Path.Combine(directory, Path.GetFileNameWithoutExtension(ca.Certificate) + "-crls");
    private int _made;

    /// <summary>Puts a certificate on the next list.</summary>
    public async Task RevokeAsync(OpenSsl.Pair client) =>
        await CommandLine.MustAsync("openssl", "ca", "-config", await PrepareAsync(), "-cert", ca.Certificate, "-keyfile", ca.Key, "-revoke", client.Certificate);

    /// <summary>Makes the next list; returns its file, PEM.</summary>
    /// <param name="hours">From thisUpdate to nextUpdate.</param>
    /// <param name="more">More arguments of <c>openssl ca</c>.</param>
    public async Task<string> CreateAsync(int hours = 24, params string[] more)
    {
        var file = $"{_name}-{++_made}.pem";
        await CommandLine.MustAsync("openssl", ["ca", "-config", await PrepareAsync(), "-cert", ca.Certificate, "-keyfile", ca.Key, "-gencrl",
            "-crlhours", hours.ToString(System.Globalization.CultureInfo.InvariantCulture), "-out", file, .. more]);
        return file;
    }

    /// <summary>The DER of a list's file.</summary>
    public static byte[] DerOf(string file)
    {
        var text = File.ReadAllText(file);
        return Convert.FromBase64String(text[System.Security.Cryptography.PemEncoding.Find(text).Base64Data]);
    }

    private async Task<string> PrepareAsync()
    {
        var configuration = _name + ".cnf";
        if (File.Exists(configuration))
            return configuration;
        await File.WriteAllTextAsync(_name + ".index", "");
        await File.WriteAllTextAsync(_name + ".number", "1000\n");
        await File.WriteAllTextAsync(configuration, $"""
            [ca]
            default_ca = this
            [this]
            database = {_name}.index
            crlnumber = {_name}.number
            default_md = sha256
            crl_extensions = list
            [list]
            authorityKeyIdentifier = keyid
            """);
        return configuration;
    }
}
