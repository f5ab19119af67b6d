using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;

namespace Gatehouse.Cli.Demo;

/// <summary>Tells the story as it happens: a tick and the time for each step.</summary>
internal sealed class DemoReport(Terminal terminal, TimeProvider time)
{
    /// <summary>No step takes longer than this when all is well, on a slow machine that has other things to do.</summary>
    private static readonly TimeSpan s_stepLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(100);
    private readonly long _began = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>One step: what it returns is told behind its title.</summary>
    /// <exception cref="DemoFailure">It failed, in whichever way; it has been told.</exception>
    public async Task StepAsync(string title, Func<CancellationToken, Task<string>> step, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_stepLimit);
        try
        {
            var told = await step(limit.Token);
            Tell(good: true, title, time.GetElapsedTime(began));
            Detail(told);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Tell(good: false, title, time.GetElapsedTime(began));
            throw e switch
            {
                DemoFailure failure => failure,
                OperationCanceledException => new DemoFailure($"this step within {Words.Span(s_stepLimit)}.", "it was not done by then.", e),
                CliException or OperatorApiException => new DemoFailure("no error.", e.Message, e),
                _ => new DemoFailure("no error.", e.ToString(), e),
            };
        }
    }

    /// <summary>Looks until <paramref name="look"/> returns null; what it returns before that is told when the time is up.</summary>
    public async Task UntilAsync(string expected, Func<Task<string?>> look, CancellationToken cancellationToken)
    {
        string? seen = null;
        try
        {
            while ((seen = await look()) is not null)
            {
                await Task.Delay(s_lookAgain, time, cancellationToken);
            }
        }
        catch (OperationCanceledException e) when (seen is not null)
        {
            throw new DemoFailure(expected, seen, e);
        }
    }

    /// <summary>Lines below a step.</summary>
    public void Detail(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            terminal.Out.WriteLine($"    {Safe.Line(line)}");
        }
    }

    public void Line(string text = "") => terminal.Out.WriteLine(text);

    private void Tell(bool good, string title, TimeSpan took)
    {
        var tick = good ? "✔" : "✘";
        if (terminal.IsInteractive && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 })
        {
            tick = $"\u001b[{(good ? 32 : 31)}m{tick}\u001b[0m";
        }

        terminal.Out.WriteLine($"{tick} {title}  ({Words.Span(took)})");
    }
}
