namespace Gatehouse.Client.Operator;

/// <summary>How far a task's output has been copied.</summary>
public sealed class TaskOutputCursor
{
    /// <summary>Bytes from the beginning of the output: where the next one to copy is.</summary>
    public long Offset { get; set; }
}
