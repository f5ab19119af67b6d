using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>
/// Lets requests wait for each other, so that what one account asks for slows that account down and no other: each has a share of what is done at once, and takes
/// its place among the others only when its share has room.
/// </summary>
internal sealed class AccountTurns : IDisposable
{
    private readonly PerAccountSlots _answers = new(TiLimits.AnswersPerAccount);
    private readonly PerAccountSlots _questions = new(TiLimits.QuestionsPerAccount);
    private readonly SemaphoreSlim _working = new(TiLimits.ConcurrentQuestions, TiLimits.ConcurrentQuestions);

    /// <summary>
    /// A turn to work out an answer; dispose it when the answer is known. A second, wider share is held until the answer is sent: who reads slowly keeps few
    /// answers in memory, and only its own account waiting.
    /// </summary>
    public async Task<IDisposable> EnterAsync(HttpContext http)
    {
        var (account, aborted) = (new TiQuery(http.Request).Account, http.RequestAborted);
        http.Response.RegisterForDispose(await _answers.EnterAsync(account, aborted));
        var share = await _questions.EnterAsync(account, aborted);
        try
        {
            await _working.WaitAsync(aborted);
        }
        catch
        {
            share.Dispose();
            throw;
        }
        return new Turn(http, new Slot(_working, share));
    }

    /// <summary>Maps a call whose answer is worked out in its account's turn.</summary>
    public void MapGet(IEndpointRouteBuilder routes, string path, Func<HttpContext, IResult> answer) => routes.MapGet(path, (Delegate)(async (HttpContext http) =>
    {
        using var turn = await EnterAsync(http);
        return answer(http);
    }));

    /// <inheritdoc />
    public void Dispose()
    {
        _working.Dispose();
        _questions.Dispose();
        _answers.Dispose();
    }
}

/// <summary>A turn; with its end the question of the request is answered.</summary>
internal sealed class Turn(HttpContext http, Slot slot) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        slot.Dispose();
        BodyPlaces.GiveBack(http);
    }
}

/// <summary>So many at once for each account; others of it wait. Accounts come from the gate, so there are no more than are admitted.</summary>
internal sealed class PerAccountSlots(int atOnce) : IDisposable
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _accounts = new(StringComparer.Ordinal);

    public async Task<IDisposable> EnterAsync(string account, CancellationToken cancellationToken)
    {
        var slots = _accounts.GetOrAdd(account, _ => new SemaphoreSlim(atOnce, atOnce));
        await slots.WaitAsync(cancellationToken);
        return new Slot(slots);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var slots in _accounts.Values)
            slots.Dispose();
    }
}

/// <summary>A place that is given back once, with the one it was taken within.</summary>
internal sealed class Slot(SemaphoreSlim slots, IDisposable? within = null) : IDisposable
{
    private int _isGivenBack;

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) != 0)
            return;
        slots.Release();
        within?.Dispose();
    }
}
