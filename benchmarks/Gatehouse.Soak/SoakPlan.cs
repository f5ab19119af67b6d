namespace Gatehouse.Soak;

/// <summary>How long and how much; everything that bounds a run, in one place.</summary>
internal sealed record SoakPlan
{
    /// <summary>Time under load.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Seeds every random choice. Threads still interleave as they like, so a run is like another, not equal to it.</summary>
    public required int Seed { get; init; }

    /// <summary>Runs the server with a heap that checks itself.</summary>
    public bool CheckNative { get; init; }

    /// <summary>Settings of the server by their names, for example <c>agent.refusal</c>; what is not named has its default.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Sessions that the server keeps (<c>agent.tls.sessions</c>): few, so that the cache is full before memory is judged.</summary>
    public int Sessions { get; } = 1000;

    /// <summary>What a busy machine may take to bring the end of a connection to its client; more where it does other things beside.</summary>
    public TimeSpan Delivery { get; init; } = TimeSpan.FromMilliseconds(500);

    public int Accounts { get; } = 8;

    /// <summary>Delegates registered for each account: as many streams can be held.</summary>
    public int DelegatesOfAccount { get; } = 8;

    /// <summary>Clients at work at once; each holds up to <see cref="MaxHeld"/> connections.</summary>
    public int Workers { get; } = 32;

    public int MaxHeld { get; } = 6;

    /// <summary>Longest rest of a worker between two things it does: leaves the server some of the machine.</summary>
    public TimeSpan Rest { get; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Between two changes of trust.</summary>
    public TimeSpan ChangeInterval { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two server certificates.</summary>
    public TimeSpan CertificateInterval { get; } = TimeSpan.FromSeconds(7);

    /// <summary>Between two looks at memory, descriptors and threads.</summary>
    public TimeSpan SampleInterval { get; } = TimeSpan.FromSeconds(1);

    /// <summary>What comes before counts as warm-up: caches fill, and the JIT compiles. A third of the run, ten minutes at most.</summary>
    public TimeSpan WarmUp => Duration / 3 < TimeSpan.FromMinutes(10) ? Duration / 3 : TimeSpan.FromMinutes(10);

    /// <summary>Memory is judged in runs at least this long: in shorter ones the runtime itself still settles.</summary>
    public TimeSpan JudgeMemoryFrom { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Growth of resident memory after the warm-up, by linear regression, that counts as flat.</summary>
    public double FlatMiBPerHour { get; } = 24;

    /// <summary>Descriptors that may be open at the end beyond those before the load.</summary>
    public int DescriptorsBeyond { get; } = 16;

    /// <summary>Threads that may be there at the end beyond those before the load: the pool keeps some.</summary>
    public int ThreadsBeyond { get; } = 24;
}
