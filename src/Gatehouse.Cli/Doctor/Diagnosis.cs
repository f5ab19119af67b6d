namespace Gatehouse.Cli.Doctor;

/// <summary>Something that is wrong, and what to do about it.</summary>
/// <param name="Rank">What has to be mended first.</param>
/// <param name="Code">Stable: one of <see cref="DoctorCodes"/>, or the gateway's refusal code.</param>
/// <param name="Cause">Plain words.</param>
/// <param name="NextStep">Plain words.</param>
/// <param name="Command">The next command to run; null when there is none.</param>
internal sealed record Diagnosis(Rank Rank, string Code, string Cause, string NextStep, string? Command)
{
    /// <summary>Works, but deserves a look.</summary>
    public bool IsWarning => Rank == Rank.Warning;
}

/// <summary>Something that was looked at.</summary>
/// <param name="Step">What was looked at.</param>
/// <param name="Seen">What was there.</param>
internal sealed record Observation(string Step, string Seen);
