namespace Gatehouse.Gateway;

/// <summary>
/// Looks at everything open of the accounts whose trust changed, beside the flow of the change: an account may have ten thousand
/// connections, each with a certificate of its own. Accounts that change again meanwhile are looked at once more, not once per change.
/// </summary>
/// <param name="hasOpen">Whether an account has anything open.</param>
/// <param name="look">Looks at one account's; gets a pool of workers to share the work.</param>
internal sealed class RejudgePass(Func<string, bool> hasOpen, Func<string, Task> look)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _accounts = new(StringComparer.Ordinal);
    private bool _running;

    /// <summary>Begins with these accounts, or adds them to what is to be done. Returns at once.</summary>
    public void Begin(IReadOnlyCollection<string> accounts)
    {
        lock (_lock)
        {
            foreach (var account in accounts)
            {
                if (hasOpen(account))
                    _accounts.Add(account);
            }
            if (_running || _accounts.Count == 0)
                return;
            _running = true;
        }
        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (Next() is { } account)
            await look(account);
    }

    private string? Next()
    {
        lock (_lock)
        {
            foreach (var account in _accounts)
            {
                _accounts.Remove(account);
                return account;
            }
            _running = false;
            return null;
        }
    }

    /// <summary>Does <paramref name="work"/> on each item, on a few threads that give way to others every few items.</summary>
    public static Task ShareAsync<T>(IReadOnlyList<T> items, Action<T> work)
    {
        const int Helping = 16;
        var next = -1;
        var workers = Math.Min(Math.Clamp(Environment.ProcessorCount, 1, 4), 1 + (items.Count / 256));
        return workers == 1 ? WorkAsync() : Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync)));

        async Task WorkAsync()
        {
            for (int done = 1, i; (i = Interlocked.Increment(ref next)) < items.Count; done++)
            {
                work(items[i]);
                if (done % Helping == 0)
                    await Task.Yield();
            }
        }
    }
}
