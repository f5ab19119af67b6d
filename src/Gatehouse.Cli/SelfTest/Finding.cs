namespace Gatehouse.Cli.SelfTest;

/// <summary>How a check ended.</summary>
internal enum Outcome
{
    /// <summary>As it must be.</summary>
    Pass,

    /// <summary>Not as it must be.</summary>
    Fail,

    /// <summary>Nothing was shown either way.</summary>
    NotTested,
}

/// <summary>The result of one check.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Received">What came back; or what is missing for a test.</param>
internal readonly record struct Finding(Outcome Outcome, string Received)
{
    public static Finding Pass(string received) => new(Outcome.Pass, received);

    public static Finding Fail(string received) => new(Outcome.Fail, received);

    public static Finding NotTested(string why) => new(Outcome.NotTested, why);

    public static Finding When(bool pass, string received) => pass ? Pass(received) : Fail(received);
}
