namespace Gatehouse.TestIntelligence.Timing;

/// <summary>Of what a duration is; stored as a number.</summary>
internal enum DurationKind
{
    File = 0,
    Suite = 1,
    Test = 2,
    Class = 3,
}
