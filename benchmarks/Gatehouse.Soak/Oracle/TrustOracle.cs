using Gatehouse.Contracts;
using Gatehouse.Soak.Clients;
using Gatehouse.Soak.Trust;

namespace Gatehouse.Soak.Oracle;

/// <summary>Who met whom: what a verdict is about.</summary>
internal sealed record Encounter(SoakAccount Account, SoakHost Host, SoakIdentity Identity, string What)
{
    public override string ToString() =>
        $"{What}: {(Identity.Authority is { } ca ? (Identity.IsOfThisAccount ? $"client of CA {ca}" : "client of another account") : "client without certificate")} at {Host.Name} of {Account.Id}";
}

/// <summary>
/// Judges each verdict that was seen: admitted only if a version that may have been in force would admit, refused only if one would refuse,
/// with a code that fits. It looks at a span of time, not at a moment: that it is never wrong matters more than that it is always sure.
/// </summary>
/// <param name="counts">What was seen.</param>
/// <param name="violations">What must not be.</param>
/// <param name="delivery">What a busy machine may take to bring the end of a connection to its client.</param>
internal sealed class TrustOracle(SoakCounts counts, Violations violations, TimeSpan delivery)
{
    /// <summary>How long an open connection may be served by a version that was replaced, in ms.</summary>
    public static readonly double Grace = Limits.TrustChangeEffective.TotalMilliseconds;

    /// <summary>In ms. Certificates end by whole seconds, and the server looks once a second.</summary>
    private const double ExpirySteps = 2000;

    /// <summary>A verdict on a connection that began within the time span: replaced versions do not count.</summary>
    /// <param name="met">Who and where.</param>
    /// <param name="from">Before it connected.</param>
    /// <param name="to">When the verdict was seen.</param>
    /// <param name="refusal">The code; null when it was admitted.</param>
    public void NewConnection(Encounter met, double from, double to, string? refusal) => Judge(met, from, to, 0, refusal);

    /// <summary>A verdict on a connection that was open before.</summary>
    public void OpenConnection(Encounter met, double from, double to, string? refusal)
    {
        Judge(met, from, to, Grace, refusal, delivery.TotalMilliseconds);
        if (refusal is null && SinceForbidden(met, from) is { } late)
            counts.Worst("served after", late);
    }

    /// <summary>An open connection ended by the server between two looks.</summary>
    public void Ended(Encounter met, double lastServed, double now)
    {
        Judge(met, lastServed - Grace, now, Grace, VerdictCodes.Cut);
        if (SinceForbidden(met, now) is { } late)
            counts.Worst("closed after", late);
    }

    /// <summary>An open connection that was looked at and is still open.</summary>
    public void StillOpen(Encounter met, double now)
    {
        var grace = Grace + delivery.TotalMilliseconds;
        var versions = met.Account.History.Between(now, now, grace);
        if (versions.Any(v => v.State.Judge(met.Host, met.Identity, now - grace - ExpirySteps > met.Identity.ValidUntil).Count == 0))
            return;
        violations.Add($"{met}: still open {SinceForbidden(met, now):0} ms after it became illegal. {Describe(versions)}");
    }

    /// <summary>A session was resumed: it must come from the same name and from a version that may still be in force.</summary>
    public void Resumed(Encounter met, KeptSession session, double from, double to)
    {
        counts.Add("resumed: accepted by the server");
        if (session.AccountId != met.Account.Id || session.Host != met.Host.Name)
        {
            violations.Add($"{met}: resumed a session of {session.AccountId} made at {session.Host}.");
            return;
        }
        if (met.Host.IsShared)
            return;
        var born = met.Account.History.Between(session.From, session.To, 0).Select(v => v.Number);
        var now = met.Account.History.Between(from, to, 0);
        if (!now.Any(v => born.Contains(v.Number)))
            violations.Add($"{met}: resumed a session of version {string.Join('/', born)} of its trust. {Describe(now)}");
    }

    // Late: what the server's look at certificates that have ended may be late by, in ms.
    private void Judge(Encounter met, double from, double to, double grace, string? refusal, double late = 0)
    {
        counts.Add(refusal is null ? "verdict: admitted" : $"verdict: {refusal}");
        var versions = met.Account.History.Between(from, to, grace);
        var admits = false;
        var refuses = new List<string>();
        foreach (var version in versions)
        {
            foreach (var expired in Expiry(met.Identity, from - grace - late, to))
            {
                var codes = version.State.Judge(met.Host, met.Identity, expired);
                admits |= codes.Count == 0;
                refuses.AddRange(codes);
            }
        }
        counts.Add(admits && refuses.Count > 0 ? "oracle: either is right" : "oracle: one is right");
        if (refusal is null && !admits)
            violations.Add($"{met}: ADMITTED, though no version in force would. {Describe(versions)}");
        else if (refusal is not null && refuses.Count == 0)
            violations.Add($"{met}: refused ({refusal}), though every version in force admits it. {Describe(versions)}");
        else if (refusal is not null && !VerdictCodes.Fits(refusal, refuses))
            violations.Add($"{met}: refused with {refusal}, where only {string.Join(", ", refuses.Distinct())} would be right. {Describe(versions)}");
    }

    private static IEnumerable<bool> Expiry(SoakIdentity identity, double from, double to)
    {
        if (from <= identity.ValidUntil + ExpirySteps / 2)
            yield return false;
        if (to >= identity.ValidUntil - ExpirySteps / 2)
            yield return true;
    }

    /// <summary>How long ago, in ms, the last version that admits it was replaced; null when one is in force.</summary>
    private static double? SinceForbidden(Encounter met, double now)
    {
        var last = met.Account.History.Between(0, now, double.PositiveInfinity).LastOrDefault(v => v.State.Judge(met.Host, met.Identity, false).Count == 0);
        return last is null || last.Replaced >= now ? null : now - last.Replaced;
    }

    private static string Describe(IReadOnlyList<TrustVersion> versions) => "In force: " + string.Join("; ", versions.Select(v =>
        $"#{v.Number} {v.State.Prefix ?? "no endpoint"} {v.State.Mode} CAs {string.Join('+', v.State.Authorities)} ({v.From / 1000:0.000}–{v.Replaced / 1000:0.000} s)"));
}
