using System.Globalization;
using Gatehouse.Contracts;

namespace Gatehouse.Manager.Revocation;

/// <summary>How near a CRL is to its nextUpdate, and what that means under the account's policy.</summary>
internal enum CrlState
{
    /// <summary>Nothing to do.</summary>
    CURRENT,

    /// <summary>Near its nextUpdate.</summary>
    DUE,

    /// <summary>Past it, and the policy goes on with the list.</summary>
    STALE,

    /// <summary>Past it, and the policy refuses everybody it speaks for.</summary>
    REFUSING,
}

/// <summary>The state with its sentence for people.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Warning">Facts and the way out; null for <see cref="CrlState.CURRENT"/>.</param>
internal readonly record struct CrlAge(CrlState State, string? Warning)
{
    /// <summary>The alarm comes when a quarter of the list's life is left, at the earliest this long before its end: a list of a day is not due from its first minute.</summary>
    private static readonly TimeSpan s_earliestAlarm = TimeSpan.FromDays(7);

    public string Name => State.ToString();

    public static CrlAge Of(CrlFacts crl, CrlPolicyView policy, DateTimeOffset now)
    {
        if (crl.NextUpdate is not { } next)
            return default;
        var grace = TimeSpan.FromSeconds(policy.GraceSeconds);
        if (now < next)
        {
            var alarm = (next - crl.ThisUpdate) / 4;
            return next - now > (alarm < s_earliestAlarm ? alarm : s_earliestAlarm) ? default : new CrlAge(CrlState.DUE,
                $"The CRL of \"{crl.Issuer}\" is out of date in {Span(next - now)} ({Time(next)}); {Then(policy, next, grace)} Upload the next one before then.");
        }

        var late = $"The CRL of \"{crl.Issuer}\" has been out of date for {Span(now - next)} (since {Time(next)})";
        return policy.Policy switch
        {
            StaleCrlPolicy.IgnoreStale => new CrlAge(CrlState.STALE, $"{late} and goes on counting by the policy ignore-stale; who was revoked since is let in. Upload the current one."),
            StaleCrlPolicy.Grace when now < next + grace => new CrlAge(CrlState.STALE, $"{late}; the grace time ends {Time(next + grace)}, and then everybody it speaks for is refused. Upload the current one before then."),
            _ => new CrlAge(CrlState.REFUSING, $"{late}, and everybody it speaks for is refused (crl_stale). Upload the current one, or choose another policy with 'gatehouse mtls crl policy'."),
        };
    }

    private static string Then(CrlPolicyView policy, DateTimeOffset next, TimeSpan grace) => policy.Policy switch
    {
        StaleCrlPolicy.IgnoreStale => "then it goes on counting (policy ignore-stale).",
        StaleCrlPolicy.Grace => $"everybody it speaks for is refused from {Time(next + grace)} on (policy grace).",
        _ => "then everybody it speaks for is refused (policy strict).",
    };

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 120 } => $"{(int)Math.Max(1, span.TotalMinutes)} min",
        { TotalHours: < 48 } => $"{(int)span.TotalHours} hours",
        _ => $"{(int)span.TotalDays} days",
    };
}
