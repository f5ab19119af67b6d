namespace Gatehouse.Cli.Doctor;

/// <summary>Collects what an examination sees and concludes.</summary>
internal sealed class Findings
{
    private readonly List<Observation> _seen = [];
    private readonly List<Diagnosis> _diagnoses = [];

    /// <summary>In the order they were made.</summary>
    public IReadOnlyList<Observation> Observations => _seen;

    /// <summary>What to mend first comes first; in one rank what was found first.</summary>
    public IReadOnlyList<Diagnosis> Diagnoses => [.. _diagnoses.OrderBy(diagnosis => diagnosis.Rank)];

    public void Saw(string step, string what) => _seen.Add(new Observation(step, what));

    /// <summary>A thing is told once: what was found on this machine explains what the gateway says about it later.</summary>
    public void Diagnose(Rank rank, string code, string cause, string nextStep, string? command = null)
    {
        if (!_diagnoses.Exists(known => known.Code == code))
            _diagnoses.Add(new Diagnosis(rank, code, cause, nextStep, command));
    }

    /// <summary>This was found.</summary>
    public bool Has(string code) => _diagnoses.Exists(diagnosis => diagnosis.Code == code);

    /// <summary>Something of this rank is wrong.</summary>
    public bool Has(Rank rank) => _diagnoses.Exists(diagnosis => diagnosis.Rank == rank);
}
