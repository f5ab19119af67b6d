using System.Collections.Immutable;

namespace Gatehouse.Manager.Tasks;

/// <summary>A task that waits, as polls see it.</summary>
/// <param name="Id">The task.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="Type">What a delegate must be able to run.</param>
/// <param name="Selectors">Trimmed and lower-cased; a delegate must have them all.</param>
/// <param name="CreatedAt">Start of its time limit while it waits.</param>
/// <param name="Timeout">Its time limit.</param>
/// <param name="TriedBy">Delegates that handed it back; it is not offered to them again.</param>
internal sealed record QueuedTask(
    string Id, string AccountId, string Type, ImmutableArray<string> Selectors, DateTimeOffset CreatedAt, TimeSpan Timeout, ImmutableHashSet<string> TriedBy)
{
    public DateTimeOffset ExpiresAt => CreatedAt + Timeout;

    /// <summary>When it is offered to the next delegates. Touched by <see cref="TaskDispatcher"/> only, under the lock on this task.</summary>
    public DateTimeOffset NextOffer { get; set; }

    /// <summary>Who has been offered it in this round. Likewise.</summary>
    public HashSet<string> Offered { get; } = new(StringComparer.Ordinal);
}

/// <summary>A task that a delegate has.</summary>
/// <param name="Id">The task.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="DelegateId">Who has it; nobody else may answer.</param>
/// <param name="DelegateName">Its name, for people.</param>
/// <param name="StartedAt">When it was acquired.</param>
/// <param name="Deadline">Start + time limit + grace: by then there is an answer, or it failed.</param>
/// <param name="AbortDeadline">Set when it was told to stop: by then it has ended either way.</param>
internal sealed record RunningTask(
    string Id, string AccountId, string DelegateId, string DelegateName, DateTimeOffset StartedAt, DateTimeOffset Deadline, DateTimeOffset? AbortDeadline = null);
