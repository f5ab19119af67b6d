using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Gatehouse.LogService.Tests.Harness;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogService.Tests.Streams;

/// <summary>A page of another origin in a real Chromium follows a stream with <c>EventSource</c>, which can set no header: the token is in the query.</summary>
public sealed class WhenABrowserFollows
{
    private const string Key = "accountId:acc1/level0:step one+x";

    [Fact]
    public async Task Its_event_source_gets_history_live_lines_and_the_end()
    {
        await using var host = await LogHost.StartAsync();
        await host.OpenAsync(Key);
        await host.WriteAsync(Key, "first");
        await using var page = await Page.StartAsync(new Uri(host.Client.BaseAddress!, $"/stream?accountID=acc1&key={Uri.EscapeDataString(Key)}&X-Harness-Token={host.TokenOf("acc1")}"));
        await using var browser = new Browser(page.Address);

        Assert.Equal("line " + LogHost.Line("first"), await page.NextAsync(browser));
        await host.WriteAsync(Key, "zweite \u00e4\u20ac\U0001F600 <&>");
        Assert.Equal("line " + LogHost.Line("zweite \u00e4\u20ac\U0001F600 <&>"), await page.NextAsync(browser));
        await host.MustAsync("DELETE", "/stream", Key, query: "&snapshot=true");
        Assert.Equal("end eof", await page.NextAsync(browser));
    }

    /// <summary>Serves the page and hears what it got.</summary>
    private sealed class Page(WebApplication app, Channel<string> told) : IAsyncDisposable
    {
        public string Address => app.Urls.First();

        public static async Task<Page> StartAsync(Uri stream)
        {
            var told = Channel.CreateUnbounded<string>();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            builder.Services.AddRouting();
            var app = builder.Build();
            app.MapGet("/", () => Results.Text($$"""
                <!DOCTYPE html><title>log</title><script>
                let last = Promise.resolve();
                const tell = text => last = last.then(() => fetch('/told', { method: 'POST', body: text }));
                const events = new EventSource('{{stream}}');
                events.onmessage = e => tell('line ' + e.data);
                events.addEventListener('error', e => { events.close(); tell('data' in e ? 'end ' + e.data : 'broken'); });
                </script>
                """, "text/html; charset=utf-8"));
            app.MapPost("/told", async (HttpContext context) =>
            {
                using var body = new StreamReader(context.Request.Body);
                await told.Writer.WriteAsync(await body.ReadToEndAsync());
            });
            await app.StartAsync();
            return new Page(app, told);
        }

        public async Task<string> NextAsync(Browser browser)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            try
            {
                return await told.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The page told nothing for three minutes; Chromium said: {browser.Output}");
            }
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }

    /// <summary>Debian's Chromium without a window, with a profile of its own.</summary>
    private sealed class Browser : IAsyncDisposable
    {
        private readonly TemporaryDirectory _profile = new();
        private readonly Process _process;
        private readonly Task<string> _output;

        public Browser(string address)
        {
            // Without its sandbox: tests run as root in containers, and the page is ours.
            _process = Process.Start(new ProcessStartInfo("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={_profile.Path}", address])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            _output = _process.StandardError.ReadToEndAsync();
        }

        /// <summary>What it said; known when it has ended.</summary>
        public string Output => _process.HasExited && _output.IsCompletedSuccessfully ? _output.Result : "(it is still running)";

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
            _profile.Dispose();
        }
    }
}
