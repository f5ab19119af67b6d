using System.Diagnostics;

namespace Gatehouse.Load;

/// <summary>How long and how often; everything that bounds a run, in one place.</summary>
internal sealed record BenchPlan
{
    /// <summary>Core of the server under test.</summary>
    public const int ServerCore = 0;

    /// <summary>Core of the generator, the upstream and the delegate.</summary>
    public const int LoadCore = 1;

    public required bool IsQuick { get; init; }

    /// <summary>Accounts, each with its own CA, that every server has.</summary>
    public required int Accounts { get; init; }

    /// <summary>Load on Gatehouse before the first measured round of a scenario, so that the JIT has settled.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>The warm-up comes in bursts of this length, with a rest after each: under unbroken load on one core the JIT's background thread waits.</summary>
    public TimeSpan Burst { get; } = TimeSpan.FromSeconds(3);

    /// <summary>The rest after a burst.</summary>
    public TimeSpan Rest { get; } = TimeSpan.FromMilliseconds(300);

    /// <summary>The warm-up of the others, which have nothing to compile.</summary>
    public TimeSpan PeerWarmUp { get; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Length of one measured cell: one server, one scenario, one round.</summary>
    public required TimeSpan Cell { get; init; }

    /// <summary>Interleaved rounds of the CPU scenarios.</summary>
    public required int Rounds { get; init; }

    /// <summary>Handshakes in flight.</summary>
    public int HandshakesInFlight { get; } = 8;

    /// <summary>Kept connections, each with one request in flight.</summary>
    public int KeptConnections { get; } = 16;

    /// <summary>HTTP/2 connections, each with <see cref="Http2Streams"/> requests in flight.</summary>
    public int Http2Connections { get; } = 8;

    /// <inheritdoc cref="Http2Connections"/>
    public int Http2Streams { get; } = 4;

    public required int IdleRounds { get; init; }
    public required int IdleConnections { get; init; }

    /// <summary>Connections opened, and kept, before the memory is read to which that of the counted ones is compared.</summary>
    public int IdleFirstConnections { get; } = 100;

    /// <summary>Rest before memory is read.</summary>
    public required TimeSpan IdleSettle { get; init; }

    /// <summary>Endpoints of the Gatehouse that is filled.</summary>
    public required int Endpoints { get; init; }

    /// <summary>Server blocks of the nginx that is filled.</summary>
    public required int NginxEndpoints { get; init; }

    /// <summary>Connections that must outlive the change.</summary>
    public int HeldConnections { get; } = 200;

    /// <summary>Endpoints added to Gatehouse one after the other, and reloads of nginx.</summary>
    public required int Additions { get; init; }

    /// <inheritdoc cref="Additions"/>
    public required int Reloads { get; init; }

    /// <summary>Open connections of one account whose trust is changed, and how often.</summary>
    public required int ChangeConnections { get; init; }

    /// <inheritdoc cref="ChangeConnections"/>
    public required int ChangeRounds { get; init; }

    public required int Tasks { get; init; }
    public required int WarmUpTasks { get; init; }

    public static BenchPlan Full { get; } = new()
    {
        IsQuick = false,
        Accounts = BenchCertificates.MaxAccounts,
        WarmUp = TimeSpan.FromSeconds(30),
        Cell = TimeSpan.FromSeconds(2),
        Rounds = 5,
        IdleRounds = 3,
        IdleConnections = 5000,
        IdleSettle = TimeSpan.FromSeconds(3),
        Endpoints = 100_000,
        NginxEndpoints = 10_000,
        Additions = 20,
        Reloads = 3,
        ChangeConnections = 10_000,
        ChangeRounds = 3,
        Tasks = 200,
        WarmUpTasks = 30,
    };

    public static BenchPlan Quick { get; } = new()
    {
        IsQuick = true,
        Accounts = 100,
        WarmUp = TimeSpan.FromSeconds(3),
        Cell = TimeSpan.FromSeconds(0.5),
        Rounds = 2,
        IdleRounds = 1,
        IdleConnections = 500,
        IdleSettle = TimeSpan.FromSeconds(1),
        Endpoints = 5_000,
        NginxEndpoints = 500,
        Additions = 10,
        Reloads = 1,
        ChangeConnections = 1_000,
        ChangeRounds = 1,
        Tasks = 50,
        WarmUpTasks = 10,
    };

    /// <summary>Warms up until the server has worked for <paramref name="total"/>, in CPU time: on a busy machine that takes longer, at most four times as long.</summary>
    public async Task InBurstsAsync(int processId, TimeSpan total, Func<TimeSpan, Task> load, CancellationToken cancellationToken)
    {
        var (before, watch) = (ProcessTree.CpuMicroseconds(processId), Stopwatch.StartNew());
        while (ProcessTree.CpuMicroseconds(processId) - before < total.TotalMicroseconds && watch.Elapsed < 4 * total)
        {
            await load(total < Burst ? total : Burst);
            await Task.Delay(Rest, cancellationToken);
        }
    }
}
