using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>
/// <c>openssl s_client</c> of this machine: a third party's word, and the only client here that can carry a session from one name to another.
/// </summary>
internal sealed class OpenSslClient
{
    private const string Program = "openssl";
    private const int MaxOutput = 256 * 1024;

    private OpenSslClient(string version) => Version = version;

    /// <summary>What <c>openssl version</c> prints.</summary>
    public string Version { get; }

    /// <summary>Looks for it; null when this machine has none.</summary>
    public static async Task<OpenSslClient?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var version = (await RunAsync(["version"], null, "", cancellationToken)).Trim();
            return version.StartsWith("OpenSSL", StringComparison.Ordinal) ? new OpenSslClient(version.Split(" (", 2)[0]) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Connects, writes what <paramref name="input"/> says, and returns all it printed, errors included. Ends with the connection or the time limit.</summary>
    /// <param name="site">Where to.</param>
    /// <param name="serverName">Server name; null sends none.</param>
    /// <param name="arguments">More arguments of <c>s_client</c>.</param>
    /// <param name="after">The input is written when this text was printed; null writes it at once.</param>
    /// <param name="input">What to write.</param>
    /// <param name="cancellationToken">The time limit: what was printed until then counts.</param>
    public static Task<string> ConnectAsync(
        Site site, string? serverName, IEnumerable<string> arguments, string? after, string input, CancellationToken cancellationToken) =>
        RunAsync(["s_client", "-connect", site.Endpoint, .. serverName is null ? (string[])["-noservername"] : ["-servername", serverName], "-ign_eof", .. arguments], after, input, cancellationToken);

    private static async Task<string> RunAsync(IEnumerable<string> arguments, string? after, string input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardInputEncoding = Encoding.Latin1 };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new Win32Exception();
        var printed = new Printed();
        try
        {
            var output = printed.ReadAsync(process.StandardOutput, after, cancellationToken);
            var errors = printed.ReadAsync(process.StandardError, null, cancellationToken);
            if (after is not null)
                await Task.WhenAny(printed.Seen, output);
            await process.StandardInput.WriteAsync(input);
            await process.StandardInput.FlushAsync(cancellationToken);
            if (after is null && input.Length == 0)
                process.StandardInput.Close();
            await Task.WhenAll(output, errors);
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The time limit, or it ended before it took its input: what it printed counts.
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        return printed.ToString();
    }

    /// <summary>Both outputs, in the order of arrival, bounded.</summary>
    private sealed class Printed
    {
        private readonly StringBuilder _text = new();
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public async Task ReadAsync(StreamReader from, string? until, CancellationToken cancellationToken)
        {
            var buffer = new char[4096];
            int read;
            while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
            {
                lock (_text)
                {
                    if (_text.Length < MaxOutput)
                        _text.Append(buffer, 0, read);
                    if (until is not null && _text.ToString().Contains(until, StringComparison.Ordinal))
                        _seen.TrySetResult();
                }
            }
        }

        public override string ToString()
        {
            lock (_text)
                return _text.ToString();
        }
    }
}
