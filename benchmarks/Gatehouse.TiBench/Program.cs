using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.TestIntelligence;
using Gatehouse.TiBench;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// The TI service as a role on a real listener and a real SQLite file, and a client in a process of its own: memory is the service's alone.
if (args is ["client", var address, var token, .. var rest])
    return await Client.RunAsync(new Uri(address), token, rest.Contains("--quick"));

var quick = args.Contains("--quick");
var secret = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
var data = Directory.CreateTempSubdirectory("gatehouse-ti-bench-").FullName;
try
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
    builder.Services.AddSingleton<IAgentAdmission, EverybodyIsAdmitted>().AddRouting();
    builder.Services.AddTestIntelligence(new TestIntelligenceOptions { DataDirectory = data, Secret = secret });
    await using var app = builder.Build();
    app.MapTestIntelligence();
    await app.StartAsync();
    var before = PeakMegabytes();
    using var client = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
    {
        ArgumentList = { typeof(Client).Assembly.Location, "client", app.Urls.First() + "/ti-service/", ServiceTokens.Mint(secret, "acme", TimeProvider.System.GetUtcNow().AddHours(1)), quick ? "--quick" : "" },
    })!;
    await client.WaitForExitAsync();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| peak memory of the service | {PeakMegabytes()} MB ({before} MB when it started) |"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| its database | {new DirectoryInfo(Path.Combine(data, "ti")).EnumerateFiles("ti.db*").Sum(file => file.Length) / 1024 / 1024} MB |"));
    return client.ExitCode;
}
finally
{
    Directory.Delete(data, recursive: true);
}

static long PeakMegabytes() => File.ReadLines("/proc/self/status").Where(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
    .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).First();

namespace Gatehouse.TiBench
{
    internal sealed class EverybodyIsAdmitted : IAgentAdmission
    {
        public AgentDenial? Judge(IAgentOrigin? origin, string accountId) => null;
    }

    /// <summary>Uploads and asks, and prints how long each took.</summary>
    internal static class Client
    {
        private const string Q = "accountId=acme&orgId=default&projectId=shop&pipelineId=ci&stageId=build&stepId=test&repo=https://git.example.com/shop";

        public static async Task<int> RunAsync(Uri address, string token, bool quick)
        {
            using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
            http.DefaultRequestHeaders.Add("X-Harness-Token", token);
            var repository = quick ? new Repository(2_000, 1_000, 20) : new Repository(100_000, 50_000, 20);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{repository.Tests} tests, {repository.Files} files, {repository.Relations} relations"));
            Console.WriteLine();
            Console.WriteLine("| | time |");
            Console.WriteLine("| --- | --- |");

            var graph = repository.CallGraph();
            await OnceAsync($"call graph, first upload ({graph.Length / 1024 / 1024} MB compressed)", () => PostAsync(http, $"tests/uploadcg?{Q}&buildId=1&sha=c1&source=main&target=main&schemaVersion=1.1", graph));
            await OnceAsync("call graph, merged into the first", () => PostAsync(http, $"tests/uploadcg?{Q}&buildId=2&sha=c2&source=main&target=main&schemaVersion=1.1", graph));
            foreach (var changed in quick ? new[] { 1, 20 } : [1, 20, 1000])
            {
                var body = JsonSerializer.SerializeToUtf8Bytes(new { files = Enumerable.Range(0, changed).Select(file => new { name = Repository.PathOf(file * 17 % repository.Files), status = "modified" }) });
                var selected = 0;
                await ManyAsync($"selection, {changed} changed file(s)", async () => selected = JsonDocument.Parse(await PostAsync(http, $"tests/select?{Q}&buildId=3&sha=c3&source=feature&target=main", body)).RootElement.GetProperty("selected_tests").GetInt32(), () => $"{selected} tests");
            }

            var chains = repository.Chains();
            await OnceAsync($"chains, first upload ({chains.Length / 1024 / 1024} MB compressed)", () => PostAsync(http, $"v2/uploadcg?{Q}&buildId=1", chains));
            await OnceAsync("chains, merged into the first", () => PostAsync(http, $"v2/uploadcg?{Q}&buildId=2", chains));
            foreach (var changed in quick ? new[] { 1 } : [1, 1000])
            {
                var checksums = repository.Checksums(changed);
                var skipped = 0;
                await ManyAsync($"skip list, {changed} changed file(s)", async () => skipped = JsonDocument.Parse(await PostAsync(http, $"v2/select?{Q}", checksums)).RootElement.GetProperty("skipTests").GetArrayLength(), () => $"{skipped} skipped");
            }
            return 0;
        }

        private static async Task OnceAsync(string what, Func<Task> run)
        {
            var start = Stopwatch.GetTimestamp();
            await run();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s |"));
        }

        private static async Task ManyAsync(string what, Func<Task> run, Func<string> came)
        {
            await run();
            var times = new List<double>();
            for (var i = 0; i < 15; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await run();
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            times.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what}: {came()} | {times[7]:0} ms (median of 15, at most {times[^1]:0} ms) |"));
        }

        private static async Task<byte[]> PostAsync(HttpClient http, string path, byte[] body)
        {
            using var content = new ByteArrayContent(body);
            if (body is [0x1f, 0x8b, ..])
                content.Headers.ContentEncoding.Add("gzip");
            using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content);
            var answer = await response.Content.ReadAsByteArrayAsync();
            return response.IsSuccessStatusCode ? answer : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(answer)}");
        }
    }
}
