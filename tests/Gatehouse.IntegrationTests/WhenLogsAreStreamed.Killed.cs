using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <content>kill -9 of the server while streams are written and closed.</content>
public sealed partial class WhenLogsAreStreamed
{
    /// <summary>Streams that are closed together, and the number of one that is closed by itself.</summary>
    private const int Many = 1_200, Alone = Many;

    [Fact]
    public async Task Killed_while_it_closes_one_stream_and_a_thousand_it_has_every_line_that_was_acknowledged_a_second_before()
    {
        var logs = Path.Combine(_system.Data, "logs");
        var token = await TokenAsync();
        using var client = AgentClient(token);
        await Parallel.ForAsync(0, Many + 1, TestContext.Current.CancellationToken, async (i, _) =>
        {
            await MustAsync(client, HttpMethod.Post, i);
            await MustAsync(client, HttpMethod.Put, i, $"[{Line($"the line of {i}", 0)}]");
        });
        // One writer goes on while the others' streams are closed.
        Assert.Equal(204, (await CallAsync(token, Step, "POST", "/stream")).Status);
        var acknowledged = new ConcurrentQueue<DateTimeOffset>();
        using var killed = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var line = 0; !killed.IsCancellationRequested && (await WriteAsync(token, Step, $"line {line}", line)).Status == 204; line++)
                acknowledged.Enqueue(TimeProvider.System.GetUtcNow());
        }, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("two seconds of lines", () => Task.FromResult(acknowledged.TryPeek(out var first) && acknowledged.Last() - first > TimeSpan.FromSeconds(2)));

        // Blobs make their folders; with some of them there, none of the streams has gone yet.
        var at = await KilledWhenAsync(Path.Combine(logs, "blobs"), WatcherChangeTypes.Created, 40, () => [CloseManyAsync(client), CloseAsync(client, Alone)]);
        await killed.CancelAsync();
        await writing;
        await _system.StartServerAsync();
        // What was closed is found closed, what was not is closed now.
        Assert.Equal(HttpStatusCode.NoContent, await CloseAsync(client, Alone));
        Assert.Equal(204, (await CallAsync(token, Step, "DELETE", "/stream", "&snapshot=true")).Status);
        var kept = (await CallAsync(token, Step, "GET", "/blob")).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("out").GetString()!.TrimEnd()).ToList();
        var owed = acknowledged.Count(one => at - one > TimeSpan.FromSeconds(1));
        Assert.True(owed > 0 && kept.Count >= owed, $"{kept.Count} of {owed} lines that were acknowledged a second before");
        Assert.Equal(kept, Enumerable.Range(0, kept.Count).Select(line => $"line {line}"));

        // Streams go: all of them are blobs by now, whether they are still open or not.
        await KilledWhenAsync(Path.Combine(logs, "live"), WatcherChangeTypes.Deleted, 40, () => [CloseManyAsync(client)]);
        await _system.StartServerAsync();
        for (var i = 0; i <= Many; i++)
            Assert.Equal(Line($"the line of {i}", 0) + "\n", await client.GetStringAsync(At("blob", i), TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.NoContent, await CloseManyAsync(client));
        Assert.Equal("{}", JsonDocument.Parse((await CallAsync(token, "", "GET", "/stream/info")).Body).RootElement.GetProperty("streams").GetRawText());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(logs, "live")));
        Assert.Equal(Line("the line of 7", 0) + "\n", await client.GetStringAsync(At("blob", 7), TestContext.Current.CancellationToken));
    }

    /// <summary>Does it, and ends the server when the folder has changed so a number of times; tells when that was.</summary>
    private async Task<DateTimeOffset> KilledWhenAsync(string folder, WatcherChangeTypes change, int times, Func<IEnumerable<Task>> act)
    {
        // Runs on at once, on the thread that saw it.
        var seen = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(folder);
        watcher.Created += See;
        watcher.Deleted += See;
        watcher.EnableRaisingEvents = true;
        var acting = act().ToList();
        await seen.Task.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken).ConfigureAwait(false);
        var at = TimeProvider.System.GetUtcNow();
        await _system.Server.KillAsync();
        // Answered in time or not: who asked does not know.
        await Task.WhenAll(acting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return at;

        void See(object sender, FileSystemEventArgs e)
        {
            if (e.ChangeType == change && Interlocked.Decrement(ref times) == 0)
                seen.TrySetResult();
        }
    }

    private HttpClient AgentClient(string token)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(_system.ServerCa);
        var port = _system.AgentPort;
        var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = trust, ClientCertificates = [X509Certificate2.CreateFromPemFile(_client.Certificate, _client.Key)] },
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri($"https://{Own}:{port}/log-service/") };
        client.DefaultRequestHeaders.Add("X-Harness-Token", token);
        return client;
    }

    private static Uri At(string route, int stream) => new($"{route}?accountID=acc1&key={(stream == Alone ? "alone" : "many")}/{stream}", UriKind.Relative);

    private static async Task MustAsync(HttpClient client, HttpMethod method, int stream, string body = "")
    {
        using var request = new HttpRequestMessage(method, At("stream", stream)) { Content = new StringContent(body) };
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static Task<HttpStatusCode> CloseManyAsync(HttpClient client) => DeleteAsync(client, new Uri("stream?accountID=acc1&key=many/&snapshot=true&prefix=true", UriKind.Relative));

    private static Task<HttpStatusCode> CloseAsync(HttpClient client, int stream) => DeleteAsync(client, new Uri(At("stream", stream) + "&snapshot=true", UriKind.Relative));

    private static async Task<HttpStatusCode> DeleteAsync(HttpClient client, Uri address)
    {
        using var response = await client.DeleteAsync(address);
        return response.StatusCode;
    }
}
