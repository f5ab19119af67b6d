namespace Gatehouse.Load;

/// <summary>CPU of one server for one kind of operation, over all rounds.</summary>
internal sealed record CpuResult
{
    /// <summary>The row: kind of operation.</summary>
    public required string Operation { get; init; }

    /// <summary>The column: which server.</summary>
    public required string Server { get; init; }

    public required long Operations { get; init; }

    /// <summary>CPU microseconds per operation of each round, in order.</summary>
    public required IReadOnlyList<double> Rounds { get; init; }

    public required Spread MicrosecondsPerOperation { get; init; }
    public required Spread OperationsPerSecond { get; init; }

    /// <summary>Gatehouse's figure divided by this server's, round by round; null for Gatehouse itself.</summary>
    public Spread? GatehouseRatio { get; init; }

    /// <summary>Median share of the server's core that it used.</summary>
    public required double BusyShare { get; init; }

    /// <summary>Highest share of any round in which its core did something else.</summary>
    public required double WorstForeignShare { get; init; }

    /// <summary>From cells in the order of their rounds.</summary>
    public static CpuResult Of(string operation, string server, IReadOnlyList<Cell> cells, IReadOnlyList<Cell> gatehouse) => new()
    {
        Operation = operation,
        Server = server,
        Operations = cells.Sum(c => c.Operations),
        Rounds = [.. cells.Select(c => c.MicrosecondsPerOperation)],
        MicrosecondsPerOperation = Spread.Of(cells.Select(c => c.MicrosecondsPerOperation)),
        OperationsPerSecond = Spread.Of(cells.Select(c => c.OperationsPerSecond)),
        GatehouseRatio = ReferenceEquals(cells, gatehouse)
            ? null
            : Spread.Of(gatehouse.Zip(cells, (ours, theirs) => ours.MicrosecondsPerOperation / theirs.MicrosecondsPerOperation)),
        BusyShare = Spread.Of(cells.Select(c => c.BusyShare)).Median,
        WorstForeignShare = cells.Max(c => c.ForeignShare),
    };
}
