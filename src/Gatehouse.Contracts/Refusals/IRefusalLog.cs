namespace Gatehouse.Contracts;

/// <summary>Where refusals are told: aggregated per (account, code, address, fingerprint, host), bounded, newest first.</summary>
public interface IRefusalLog
{
    /// <summary>Counts a refusal. Never blocks and never throws: it is called on the way of a connection.</summary>
    void Report(Refusal refusal);

    /// <summary>The refusals of one account (null: of all, and those that belong to none) that changed after <paramref name="afterSequence"/>, newest first.</summary>
    IReadOnlyList<RefusalView> List(string? accountId, long afterSequence = 0, int limit = 100);
}
