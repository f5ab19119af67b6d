using System.Diagnostics;
using System.Security.Cryptography;
using Gatehouse.Contracts;

namespace Gatehouse.LogBench;

/// <summary>One run: opens the streams, lets all write and read at once, measures round after round, closes, and adds up.</summary>
internal static class LogRun
{
    public static async Task<int> RunAsync(BenchPlan plan, string data, string? writeTo)
    {
        var secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        using var service = await ServiceProcess.StartAsync(data, secret);
        var token = ServiceTokens.Mint(secret, BenchPlan.Account, TimeProvider.System.GetUtcNow().AddHours(1));
        var totals = new Totals();
        var (all, besideSlow) = (new Latencies(), new Latencies());
        var clients = new List<LogClient>();
        LogClient NewClient()
        {
            clients.Add(new LogClient(service.Address, token));
            return clients[^1];
        }

        Say($"Opening {plan.Writers} streams and {plan.Tails} tails.");
        var writers = new List<Writer>();
        var tails = new List<TailReader>();
        for (var i = 0; i < plan.Writers; i++)
        {
            var client = NewClient();
            await MustAsync(client, HttpMethod.Post, BenchPlan.KeyOf(i));
            writers.Add(new Writer(client, BenchPlan.KeyOf(i), BenchPlan.PaceOf(i), totals));
            if (plan.HasTail(i))
                tails.Add(await TailReader.OpenAsync(NewClient(), BenchPlan.KeyOf(i), totals, all));
        }
        var flooder = NewClient();
        await MustAsync(flooder, HttpMethod.Post, BenchPlan.Flood);
        writers.Add(new Writer(flooder, BenchPlan.Flood, BenchPlan.PaceOfFlood, totals));
        tails.Add(await TailReader.OpenAsync(NewClient(), BenchPlan.Flood, totals, besideSlow));
        // It reads when all is over, and not before.
        using var slow = await TailReader.OpenAsync(NewClient(), BenchPlan.Flood, totals, null);

        using var stop = new CancellationTokenSource();
        var reading = tails.Select(tail => tail.RunAsync()).ToList();
        var writing = writers.Select((writer, i) => writer.RunAsync(i * 0.6180339887 % 1, stop.Token)).ToList();
        Say($"Warming up for {plan.WarmUp.TotalSeconds:0} s.");
        await Task.Delay(plan.WarmUp);
        var rounds = new List<LogRound>();
        for (var i = 0; i < plan.Rounds; i++)
        {
            Say($"Round {i + 1} of {plan.Rounds}, {plan.Round.TotalSeconds:0} s.");
            _ = (all.Take(), besideSlow.Take());
            var (cpu, lines, start) = (service.Cpu, totals.Lines, Stopwatch.GetTimestamp());
            await Task.Delay(plan.Round);
            var (took, written) = (Stopwatch.GetElapsedTime(start), totals.Lines - lines);
            var used = service.Cpu - cpu;
            var (some, beside) = (all.Take(), besideSlow.Take());
            rounds.Add(new LogRound(some.Within(0.5), some.Within(0.99), beside.Within(0.5), beside.Within(0.99), used.TotalMicroseconds / written, used / took, written / took.TotalSeconds, some.Count + beside.Count));
        }
        await stop.CancelAsync();
        await Task.WhenAll(writing);

        var closing = Stopwatch.GetTimestamp();
        await MustAsync(flooder, HttpMethod.Delete, BenchPlan.Account + "/", "&prefix=true&snapshot=true");
        var closed = Stopwatch.GetElapsedTime(closing);
        await MustAsync(flooder, HttpMethod.Delete, BenchPlan.Flood, "&snapshot=true");
        await Task.WhenAll(reading).WaitAsync(TimeSpan.FromMinutes(1));
        await slow.RunAsync().WaitAsync(TimeSpan.FromMinutes(1));

        var report = new LogReport(plan, rounds, totals, writers[^1].Written, slow.Next, slow.Missed, tails.Count + 1, closed, service.PeakMegabytes);
        clients.ForEach(client => client.Dispose());
        tails.ForEach(tail => tail.Dispose());
        var text = await report.TextAsync(writeTo ?? Environment.CurrentDirectory, writeTo is null ? "./bench logs" : "./bench logs --write");
        Console.WriteLine(text);
        if (writeTo is not null)
            await LogReport.WriteAsync(writeTo, text);
        return report.IsSound ? 0 : 1;
    }

    private static async Task MustAsync(LogClient client, HttpMethod method, string key, string query = "")
    {
        if (!await client.IsDoneAsync(method, key, query: query))
            throw new InvalidOperationException($"{method} of the stream {key} was not answered with 204.");
    }

    private static void Say(string text) => Console.Error.WriteLine(text);
}

/// <summary>What one round found: times in milliseconds, CPU of the service in microseconds a line and in cores.</summary>
internal sealed record LogRound(double P50, double P99, double BesideP50, double BesideP99, double CpuPerLine, double Cores, double LinesPerSecond, long LinesRead);
