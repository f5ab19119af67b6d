namespace Gatehouse.Gateway.Tests;

/// <summary>
/// A time that users are promised, held against the best of some attempts: what one attempt took on a machine that was busy with something else says nothing of
/// the gateway, and one that is too slow is so each time. What it takes in figures is for <c>./bench</c> to say.
/// </summary>
internal static class Promised
{
    private const int Attempts = 5;

    /// <param name="limit">What is promised.</param>
    /// <param name="once">One attempt, and how long it took.</param>
    /// <param name="again">Puts everything back before the next.</param>
    public static async Task WithinAsync(TimeSpan limit, Func<Task<TimeSpan>> once, Func<Task> again)
    {
        var best = await once();
        for (var attempt = 1; best >= limit && attempt < Attempts; attempt++)
        {
            await again();
            var taken = await once();
            best = taken < best ? taken : best;
        }
        Assert.True(best < limit, $"It took {best} at best.");
    }
}
