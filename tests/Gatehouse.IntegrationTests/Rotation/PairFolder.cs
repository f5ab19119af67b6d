using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>Client pairs that OpenSSL made beforehand, and a Secret's folder that holds one of them at a time.</summary>
internal sealed class PairFolder
{
    private readonly SecretFolder _secret;
    private readonly IReadOnlyList<OpenSsl.Pair> _pairs;

    private PairFolder(SecretFolder secret, IReadOnlyList<OpenSsl.Pair> pairs) => (_secret, _pairs) = (secret, pairs);

    /// <summary>The files as a delegate is told of them.</summary>
    public OpenSsl.Pair Files => new(_secret.File("client.crt"), _secret.File("client.key"));

    /// <summary>Serial number of each pair, as OpenSSL prints it.</summary>
    public static string Serial(int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"10{number:D2}");

    /// <summary>Has OpenSSL make the pairs, and lays the first out.</summary>
    public static async Task<PairFolder> CreateAsync(string folder, OpenSsl.Pair ca, int count)
    {
        var made = Directory.CreateDirectory(Path.Combine(folder, "pairs")).FullName;
        await CommandLine.MustAsync("bash", "-c", """
            set -e
            cd "$1"
            for number in $(seq -w 0 "$4"); do
              openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=Example ORG/CN=Client $number" -keyout "$number.key" -out request.csr 2>/dev/null
              openssl x509 -req -sha256 -days 30 -set_serial "0x10$number" -CA "$2" -CAkey "$3" -in request.csr -out "$number.crt" 2>/dev/null
            done
            """, "pairs", made, ca.Certificate, ca.Key, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count - 1:D2}"));
        var pairs = Enumerable.Range(0, count).Select(number => Path.Combine(made, number.ToString("D2", System.Globalization.CultureInfo.InvariantCulture)))
            .Select(path => new OpenSsl.Pair(path + ".crt", path + ".key")).ToList();
        var laidOut = new PairFolder(new SecretFolder(Path.Combine(folder, "mtls")), pairs);
        laidOut.Swap(pairs[0].CertificatePem, pairs[0].KeyPem);
        return laidOut;
    }

    /// <summary>As the kubelet does it: certificate and key at once.</summary>
    public void Rotate(int number) => Swap(_pairs[number].CertificatePem, _pairs[number].KeyPem);

    /// <summary>As a careless script does it: one file after the other, in place, the key at first by half.</summary>
    public void RotateCarelessly(int number)
    {
        var key = _pairs[number].KeyPem;
        File.WriteAllText(Files.Key, key[..(key.Length / 2)]);
        File.WriteAllText(Files.Certificate, _pairs[number].CertificatePem);
        File.WriteAllText(Files.Key, key);
    }

    /// <summary>The certificate of one pair with the key of another.</summary>
    public void Mix(int certificate, int key) => Swap(_pairs[certificate].CertificatePem, _pairs[key].KeyPem);

    private void Swap(string certificate, string key) => _secret.Put(("client.crt", certificate), ("client.key", key));
}
