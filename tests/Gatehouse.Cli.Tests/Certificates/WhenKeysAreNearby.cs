using System.Runtime.Versioning;
using System.Security.Cryptography;
using Gatehouse.Cli.Tests.Support;

namespace Gatehouse.Cli.Tests.Certificates;

/// <summary>Every command that reads a private key, with a server at hand: nothing of a key is sent, printed or written anywhere but where a key belongs.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class WhenKeysAreNearby
{
    [Fact]
    public async Task NoCommand_SendsOrShowsThem()
    {
        await using var server = await FakeServer.StartAsync();
        using var line = new CommandLine(server);
        var said = new List<string>();
        foreach (var command in (string[])
            [
                "certs create-ca --out . --key ec:p256",
                "certs create-client --ca ca.crt --ca-key ca.key --out . --key ec:p256",
                "certs renew client.crt --ca ca.crt --ca-key ca.key --out new",
                "certs inspect client.key",
                "certs verify client.crt --ca ca.crt --key client.key",
                "certs verify client.key --ca ca.crt --key client.key",
                "certs lint both.pem",
                "certs lint --client client.crt --key ca.key",
                "certs convert client.crt client.key --to der --out der",
                "certs bundle add bundle.crt both.pem",
                "doctor --url https://localhost:1 --cert client.crt --key ca.key --timeout 1s",
                "mtls enable --account acme --prefix customer1 --ca both.pem",
                "mtls ca set --account acme --ca client.key",
                "mtls deny add --account acme --cert client.key",
            ])
        {
            var ended = await line.RunAsync([.. command.Split(' '), "--verbose"]);
            said.Add(ended.Out + ended.Error);
            if (File.Exists(Path.Combine(line.Folder, "ca.key")))
                line.WriteFile("both.pem", File.ReadAllText(Path.Combine(line.Folder, "ca.crt")) + File.ReadAllText(Path.Combine(line.Folder, "ca.key")));
        }

        var files = Directory.GetFiles(line.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "both.pem").ToLookup(file => file.Contains(".key", StringComparison.Ordinal));
        var keys = files[true].Where(file => file.EndsWith(".key", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        Assert.Equal(3, keys.Count);
        // The private number is in the first line and the beginning of the second; the rest is the public half, which certificates show.
        var secrets = keys.SelectMany(key => (string[])[key.Split('\n')[1], key.Split('\n')[2][..24], Convert.ToHexString(Number(key))]);
        var elsewhere = said.Concat(server.Seen.Select(seen => seen.Body + seen.PathAndQuery)).Concat(files[false].Select(File.ReadAllText))
            .Concat(files[false].Select(file => Convert.ToHexString(File.ReadAllBytes(file)))).ToList();
        Assert.All(secrets, secret => Assert.DoesNotContain(elsewhere, text => text.Contains(secret, StringComparison.Ordinal)));
        Assert.All(files[true], file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Empty(server.Seen);
    }

    private static byte[] Number(string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.ExportParameters(includePrivateParameters: true).D!;
    }
}
