using Gatehouse.Pki;

namespace Gatehouse.Client;

/// <summary>What became of the last content that was new.</summary>
public enum ReloadResult
{
    /// <summary>It is in use.</summary>
    Loaded,

    /// <summary>It cannot be used; what was in use before still is.</summary>
    Refused,

    /// <summary>It is good, but not valid yet: it is taken over by itself when its time comes.</summary>
    Waiting,
}

/// <summary>How the files stand to what is in use.</summary>
/// <param name="At">When the last new content was judged; the start counts as one.</param>
/// <param name="Result">What became of it.</param>
/// <param name="Reason">Why it is not in use, with the way out; empty when it is. No key material.</param>
/// <param name="OnDisk">The client certificate as it is in its file; null when there is none that can be read.</param>
public sealed record ReloadReport(DateTimeOffset At, ReloadResult Result, string Reason, CertificateFacts? OnDisk)
{
    /// <summary>True when what the files hold is what new connections are made with.</summary>
    public bool IsDiskInUse => Result == ReloadResult.Loaded;
}
