using Gatehouse.Contracts;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Refusals;

/// <summary>What equal refusals have in common.</summary>
internal readonly record struct RefusalKey(string Account, RefusalCode Code, string? Address, string? Certificate, string? Host);

/// <summary>Equal refusals, counted; guarded by the log's lock. Words are made fit for people when somebody looks, not when they are reported.</summary>
internal sealed class RefusalEntry
{
    private const int MaxText = 512;
    private Refusal _last = null!;

    public RefusalEntry(RefusalKey key, AccountRefusals account)
    {
        (Key, Account) = (key, account);
        (InAccount, InLog) = (new(this), new(this));
    }

    public RefusalKey Key { get; }
    public AccountRefusals Account { get; }

    /// <summary>Its places by age: in its account, and in the log.</summary>
    public LinkedListNode<RefusalEntry> InAccount { get; }

    /// <summary>See <see cref="InAccount"/>.</summary>
    public LinkedListNode<RefusalEntry> InLog { get; }

    public long Sequence { get; private set; }
    public long Count { get; private set; }
    public DateTimeOffset FirstSeen { get; private set; }
    public DateTimeOffset LastSeen { get; private set; }

    /// <summary>Counts one more.</summary>
    public void Again(Refusal refusal, DateTimeOffset now, long sequence)
    {
        _last = Limited(refusal);
        (Sequence, LastSeen) = (sequence, now);
        if (++Count == 1)
            FirstSeen = now;
    }

    /// <summary>For people: bounded, control characters written out.</summary>
    public RefusalView View() => new()
    {
        Sequence = Sequence,
        Code = Key.Code.Name(),
        Message = Bounded.Text(_last.Message, MaxText),
        NextStep = Bounded.Text(_last.NextStep, MaxText),
        AccountId = Key.Account.Length == 0 ? null : Bounded.Text(Key.Account, 64),
        Host = Key.Host is null ? null : Bounded.Text(Key.Host, RefusalLog.MaxHost),
        RemoteAddress = Key.Address is null ? null : Bounded.Text(Key.Address, RefusalLog.MaxAddress),
        Certificate = _last.Certificate is { } certificate
            ? certificate with { Subject = Bounded.Text(certificate.Subject, MaxText), Issuer = Bounded.Text(certificate.Issuer, MaxText) }
            : null,
        Count = Count,
        FirstSeen = FirstSeen,
        LastSeen = LastSeen,
    };

    // Kept as it came where it is short, which is always but for mistakes of ours: memory is bounded all the same.
    private static Refusal Limited(Refusal refusal)
    {
        var certificate = refusal.Certificate;
        var fits = refusal.Message.Length <= MaxText && refusal.NextStep.Length <= MaxText && (certificate is null || (certificate.Subject.Length <= MaxText && certificate.Issuer.Length <= MaxText));
        return fits ? refusal : refusal with
        {
            Message = Bounded.Text(refusal.Message, MaxText),
            NextStep = Bounded.Text(refusal.NextStep, MaxText),
            Certificate = certificate is null ? null : certificate with { Subject = Bounded.Text(certificate.Subject, MaxText), Issuer = Bounded.Text(certificate.Issuer, MaxText) },
        };
    }
}
