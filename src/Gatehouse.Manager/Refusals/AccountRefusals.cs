namespace Gatehouse.Manager.Refusals;

/// <summary>The refusals of one account, oldest first, and its neighbours among the accounts that have as many. Guarded by the log's lock.</summary>
internal sealed class AccountRefusals(string account)
{
    public string Account { get; } = account;
    public LinkedList<RefusalEntry> Entries { get; } = [];
    public AccountRefusals? Next { get; set; }
    public AccountRefusals? Previous { get; set; }
}

/// <summary>Accounts by how many entries they have, so that the fullest is found at once. Every step costs the same however many there are.</summary>
internal sealed class FullestAccounts(int most)
{
    private readonly AccountRefusals?[] _bySize = new AccountRefusals?[most + 1];
    private int _largest;

    /// <summary>One that has the most.</summary>
    public AccountRefusals Fullest
    {
        get
        {
            while (_largest > 0 && _bySize[_largest] is null)
                _largest--;
            return _bySize[_largest]!;
        }
    }

    /// <summary>An account has <paramref name="after"/> entries now and had <paramref name="before"/>; 0 is in no list.</summary>
    public void Moved(AccountRefusals account, int before, int after)
    {
        if (before > 0)
        {
            if (account.Next is { } next)
                next.Previous = account.Previous;
            if (account.Previous is { } previous)
                previous.Next = account.Next;
            else
                _bySize[before] = account.Next;
        }
        (account.Previous, account.Next) = (null, after > 0 ? _bySize[after] : null);
        if (after == 0)
            return;
        if (account.Next is { } first)
            first.Previous = account;
        _bySize[after] = account;
        _largest = Math.Max(_largest, after);
    }
}
