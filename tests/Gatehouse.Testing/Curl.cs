namespace Gatehouse.Testing;

/// <summary>curl against an agent listener on loopback: the name goes into SNI and Host, the address is 127.0.0.1.</summary>
public sealed class Curl(int port, string serverCa)
{
    /// <summary>An answer: status, head and body; status 0 when there was none.</summary>
    public sealed record Answer(int Status, string Head, string Body, CommandResult Command)
    {
        public string? Header(string name) => Head.Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim())
            .FirstOrDefault();
    }

    /// <summary>GET (or what <paramref name="arguments"/> say) of <paramref name="path"/> at <paramref name="host"/>.</summary>
    public async Task<Answer> GetAsync(string host, string path, OpenSsl.Pair? client = null, params string[] arguments)
    {
        string[] identity = client is null ? [] : ["--cert", client.Certificate, "--key", client.Key];
        var result = await CommandLine.RunAsync("curl", ["--silent", "--show-error", "--include", "--max-time", "60",
            "--cacert", serverCa, "--resolve", $"{host}:{port}:127.0.0.1", .. identity, .. arguments, $"https://{host}:{port}{path}"], input: "");
        var text = result.Output;
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (!text.StartsWith("HTTP/", StringComparison.Ordinal) || end < 0)
            return new Answer(0, "", "", result);
        var status = int.Parse(text.Split(' ', 3)[1].Trim()[..3], System.Globalization.CultureInfo.InvariantCulture);
        // An interim answer comes first when curl asked for one.
        if (status == 100)
        {
            text = text[(end + 4)..];
            end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            status = int.Parse(text.Split(' ', 3)[1].Trim()[..3], System.Globalization.CultureInfo.InvariantCulture);
        }
        return new Answer(status, text[..end], text[(end + 4)..], result);
    }
}
