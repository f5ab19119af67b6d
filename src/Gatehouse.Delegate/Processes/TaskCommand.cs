namespace Gatehouse.Delegate;

/// <summary>What to start for a task.</summary>
internal sealed record TaskCommand
{
    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>All of it: nothing is inherited besides.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>What it reads on stdin; then comes the end.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>True: stderr goes where stdout goes; false: nowhere.</summary>
    public bool JoinErrors { get; init; } = true;
}
