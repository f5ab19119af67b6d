using CsCheck;

namespace Gatehouse.Testing;

/// <summary>
/// Makes property tests try the same inputs each time, in every run on every machine: whoever changes something else is not to be stopped by a counterexample that
/// chance has found meanwhile. New inputs are looked for where <c>CsCheck_Time</c> (seconds) or <c>CsCheck_Seed</c> is set.
/// </summary>
internal static class FixedInputs
{
    private static readonly bool s_isSearch = new[] { "CsCheck_Time", "CsCheck_Seed" }.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });

    /// <summary>The same, with inputs that are the same each time.</summary>
    public static Gen<T> Fixed<T>(this Gen<T> gen) => s_isSearch ? gen : new FixedGen<T>(gen);

    private sealed class FixedGen<T>(Gen<T> inner) : Gen<T>
    {
        private int _drawn;

        public override T Generate(PCG pcg, Size? min, out Size size) => inner.Generate(new PCG((uint)Interlocked.Increment(ref _drawn), 20261130), min, out size);
    }
}
