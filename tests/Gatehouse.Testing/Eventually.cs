using System.Diagnostics;

namespace Gatehouse.Testing;

/// <summary>Waits on a condition of something outside this process, never for a time.</summary>
public static class Eventually
{
    /// <summary>Long: it costs only tests that fail, and a machine may be busy with something else.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>Asks until the answer is not null; fails with <paramref name="what"/> after the limit (2 min).</summary>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask, TimeSpan? limit = null)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await ask() is { } answer)
                return answer;
            if (watch.Elapsed > (limit ?? s_limit))
                throw new TimeoutException($"Not within {(limit ?? s_limit).TotalSeconds} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static Task TrueAsync(string what, Func<Task<bool>> ask, TimeSpan? limit = null) =>
        GetAsync(what, async () => await ask() ? "yes" : null, limit);
}
