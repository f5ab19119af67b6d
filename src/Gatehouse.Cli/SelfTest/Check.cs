namespace Gatehouse.Cli.SelfTest;

/// <summary>One attack.</summary>
/// <param name="Threat">Id and title of the threat, for example <see cref="Threats.A1"/>.</param>
/// <param name="Sent">What is sent, as a clause.</param>
/// <param name="Run">Sends it and judges what comes back.</param>
internal sealed record Check(Threat Threat, string Sent, Func<CancellationToken, Task<Finding>> Run)
{
    /// <summary>It waits for a time limit of the other side: run beside the others.</summary>
    public bool IsSlow { get; init; }

    /// <summary>A check that cannot be made, and why.</summary>
    public static Check NotTested(Threat threat, string sent, string why) => new(threat, sent, _ => Task.FromResult(Finding.NotTested(why)));
}
