using System.Diagnostics;

namespace Gatehouse.Testing;

/// <summary>Waits on a condition of something outside this process, never for a time.</summary>
public static class Eventually
{
    /// <summary>Asks until the answer is not null; fails with <paramref name="what"/> after the limit (30 s).</summary>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask, TimeSpan? limit = null)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await ask() is { } answer)
                return answer;
            if (watch.Elapsed > (limit ?? TimeSpan.FromSeconds(30)))
                throw new TimeoutException($"Not within {(limit ?? TimeSpan.FromSeconds(30)).TotalSeconds} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static Task TrueAsync(string what, Func<Task<bool>> ask, TimeSpan? limit = null) =>
        GetAsync(what, async () => await ask() ? "yes" : null, limit);
}
