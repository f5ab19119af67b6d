using System.Net;
using System.Net.Sockets;
using Gatehouse.Client;
using Gatehouse.Contracts.Tasks;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>The composed delegate: loops, tasks, local HTTP, and the order in which they start and stop.</summary>
internal sealed partial class DelegateProgram : IDisposable
{
    private static readonly TimeSpan s_lastDelivery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_lastLogs = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(5);

    private readonly DelegateSettings _settings;
    private readonly ClientIdentity _identity;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DelegateFolder _folder;
    private readonly DelegateClient _client;
    private readonly ManagerLink _link;
    private readonly LogServiceClient _logService;
    private readonly TaskLogs _logs;
    private readonly TaskRunner _runner;
    private readonly TaskBoard _board;
    private readonly DelegateSelf _self;
    private readonly ChildProcesses _children = new();
    private readonly LocalHttp _http;
    private ConnectionMaterial _announced;

    private DelegateProgram(DelegateSettings settings, IReadOnlyDictionary<string, string> environment, ClientIdentity identity, string ip, DelegateFolder folder, TimeProvider time, ILogger log)
    {
        (_settings, _identity, _time, _log, _folder) = (settings, identity, time, log, folder);
        _announced = identity.Material;
        var credential = new DelegateCredential(settings.Token, settings.AccountId, settings.HostName, settings.Manager.Origin.GetLeftPart(UriPartial.Authority), time);
        // Connections of their own: the output of many tasks must not stand before a heartbeat.
        var (toManager, toLogService) = (new AgentHttp(Options()), new AgentHttp(Options()));
        _client = new DelegateClient(toManager, settings.Manager, credential, settings.AccountId, DelegateSelf.Version, time);
        _logService = new LogServiceClient(toLogService, settings.Services.Log, settings.AccountId, DelegateSelf.Version, time);
        _logs = new TaskLogs(_logService, _client, new LogServiceNotice(settings.Services.Log, time, log), time, log);
        _link = new ManagerLink(time);
        var metrics = new DelegateMetrics();
        var process = new TaskProcess(_children, time);
        var taskEnvironment = new TaskEnvironment(environment, settings);
        var steps = new StepSetup(settings, identity, log);
        _runner = new TaskRunner(
            _client, _logs,
            [
                new ShellScriptExecutor(process, taskEnvironment, steps),
                new ShellScriptExecutor(process, taskEnvironment, steps, TaskTypes.StoStep, StepService.Sto),
                new ShellScriptExecutor(process, taskEnvironment, steps, TaskTypes.ScsStep, StepService.Scs),
                new HttpCallExecutor(process, taskEnvironment, settings, identity),
                new RunTestsExecutor(process, taskEnvironment, steps, settings, identity, time),
            ],
            folder.Path, metrics, time, log);
        _board = new TaskBoard(settings.TaskCapacity, _runner.RunAsync, _link.Poll.Set, metrics, log);
        _self = new DelegateSelf(settings, ip, _runner.TaskTypes, time);
        var certificates = new CertificateText(identity);
        var health = new HealthText(settings.Name, _link, _board, certificates);
        var numbers = new MetricsText(settings.Name, metrics, _link, certificates, [("manager", toManager), ("log-service", toLogService)]);
        _http = new LocalHttp(settings.HealthPort, path => path switch
        {
            "/api/health" => health.Write() is var (status, body) ? new LocalAnswer(status, "application/json", body) : null,
            "/api/metrics" => new LocalAnswer(200, MetricsText.ContentType, numbers.Write()),
            _ => null,
        }, time);

        AgentHttpOptions Options() => new() { Identity = identity, Proxy = settings.Proxy };
    }

    /// <summary>Reads client certificate, key and server roots.</summary>
    /// <exception cref="ClientIdentityException">A file of the pair is missing, unreadable, or the two do not fit.</exception>
    internal static ClientIdentity LoadIdentity(DelegateSettings settings, TimeProvider time, ILogger log) => ClientIdentity.Load(
        new IdentityFiles(settings.CertificatePath, settings.CertificateKeyPath, settings.CaBundleDirectory), time, sentence => Log.Warning(log, sentence));

    /// <summary>Composes and binds; nothing is sent yet.</summary>
    /// <exception cref="SocketException">The health port cannot be used.</exception>
    /// <exception cref="IOException">The working folder cannot be made.</exception>
    internal static async Task<DelegateProgram> CreateAsync(
        DelegateSettings settings, IReadOnlyDictionary<string, string> environment, ClientIdentity identity, TimeProvider time, ILogger log)
    {
        var folder = DelegateFolder.Create(Path.GetFullPath(settings.WorkingDirectory), log);
        return new DelegateProgram(settings, environment, identity, await OwnAddressAsync(settings.Manager), folder, time, log);
    }

    /// <summary>Runs until it is to stop.</summary>
    /// <param name="stop">Finish what runs, then go.</param>
    /// <param name="stopNow">Do not finish.</param>
    /// <returns>The exit code.</returns>
    internal async Task<int> RunAsync(CancellationToken stop, CancellationToken stopNow)
    {
        Announce();
        using var end = new CancellationTokenSource();
        var notice = new ProblemNotice(_time, _log);
        Task[] loops =
        [
            new PresenceLoop(_client, _self, _link, notice, () => _board.Running, _settings.TaskCapacity, _time, _log).RunAsync(end.Token),
            new StreamLoop(_client, new Drain(_identity, Random.Shared, _time), _self, _link, new StreamFrames(_link, _board, _log), () => _board.Running, _time, _log).RunAsync(end.Token),
            new PollLoop(_client, _link, _board).RunAsync(end.Token),
            new OrphanCollector(_children, _time).RunAsync(end.Token),
            _identity.WatchAsync(end.Token),
            _http.RunAsync(end.Token),
        ];
        var stopping = Task.Delay(Timeout.Infinite, stop);

        // A loop ends by itself only by a mistake of ours: better to fall over and be restarted than to idle half alive.
        var first = await Task.WhenAny([stopping, _link.Ended, .. loops.Take(5)]);
        _board.StopTaking();
        var code = first == stopping ? ExitCode.Done : ExitCode.Failed;
        if (first == stopping)
            await DrainAsync(stopNow);
        else if (first == _link.Ended)
            Log.Ended(_log, await _link.Ended);
        await EndTasksAsync();
        await _logs.StopAsync(s_lastLogs);
        await end.CancelAsync();
        if (first == stopping)
            await SayGoodbyeAsync();
        await Task.WhenAll(loops);
        Log.Stopped(_log);
        return code;
    }

    public void Dispose()
    {
        _http.Dispose();
        _client.Dispose();
        _logService.Dispose();
        _runner.Dispose();
        _folder.Dispose();
    }

    private void Announce()
    {
        var shown = _identity.Material.Identity is { } own ? "client certificate " + own.Describe() : "without a client certificate";
        Log.Started(_log, _settings.Name, _settings.AccountId, _settings.Manager, shown, _http.Port);
        if (_settings.Proxy is { } proxy)
            Log.Proxy(_log, proxy.Address);
        if (!_settings.Manager.IsTls)
            Log.Warning(_log, $"{_settings.Manager} is not https: what is sent can be read on the way.");
        if (Programs.SetSid is null)
            Log.Warning(_log, "There is no setsid program here: tasks share the delegate's session. Install util-linux or busybox.");
        WarnOf(_identity.Material.Identity);
        _identity.Failed += sentence => Log.Warning(_log, sentence);
        _identity.Replaced += TakeOver;
    }

    /// <summary>New connections are made with it by themselves; the stream is renewed at a time of its own (<see cref="StreamLoop"/>).</summary>
    private void TakeOver(ConnectionMaterial next)
    {
        var before = Interlocked.Exchange(ref _announced, next);
        if (next.Identity is { } pair && !ReferenceEquals(pair, before.Identity))
        {
            Log.Rotated(_log, pair.Describe());
            WarnOf(pair);
        }

        if (!ReferenceEquals(next.Trust, before.Trust))
            Log.RootsReplaced(_log, next.Trust.ExtraRoots.Count);

        // Who is kept out waits for this; the others have time.
        if (!_link.IsAccepted)
            _link.Probe.Set();
        _link.Stream.Set();
    }

    private void WarnOf(LoadedIdentity? identity)
    {
        foreach (var warning in identity?.Warnings(_time.GetUtcNow()) ?? [])
            Log.Warning(_log, warning);
    }

    private async Task DrainAsync(CancellationToken stopNow)
    {
        var running = _board.Running.Count;
        Log.Stopping(_log, running, (long)_settings.StopGrace.TotalSeconds);
        try
        {
            await _board.WhenIdle.WaitAsync(_settings.StopGrace, _time, stopNow);
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException)
        {
            Log.Hurry(_log, _board.Running.Count);
        }
    }

    private async Task EndTasksAsync()
    {
        _board.AbortAll();
        try
        {
            await _board.WhenIdle.WaitAsync(s_lastDelivery, _time);
        }
        catch (TimeoutException)
        {
            _runner.GiveUpDelivering();
        }
    }

    private async Task SayGoodbyeAsync()
    {
        if (_link.DelegateId is not { } id)
            return;
        try
        {
            using var limit = new CancellationTokenSource(s_goodbye, _time);
            await _client.UnregisterAsync(_self.Goodbye(id), limit.Token);
        }
        catch (Exception failure) when (failure is RequestRefusedException or ConnectionFailedException or OperationCanceledException)
        {
            Log.NoGoodbye(_log, failure.Message);
        }
    }

    /// <summary>The address by which this machine reaches the manager; connecting a datagram socket sends nothing.</summary>
    private static async Task<string> OwnAddressAsync(ManagerAddress manager)
    {
        if (manager.IsLoopback)
            return IPAddress.Loopback.ToString();
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await socket.ConnectAsync(manager.Origin.IdnHost, manager.Origin.Port, limit.Token);
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return IPAddress.Loopback.ToString();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8100, LogLevel.Information, "Delegate {Name} of account {Account}, manager {Manager}, {Certificate}, health on port {Port}.")]
        public static partial void Started(ILogger log, string name, string account, ManagerAddress manager, string certificate, int port);

        [LoggerMessage(8101, LogLevel.Information, "Going out through the proxy {Proxy}.")]
        public static partial void Proxy(ILogger log, string proxy);

        [LoggerMessage(8102, LogLevel.Warning, "{Sentence}")]
        public static partial void Warning(ILogger log, string sentence);

        [LoggerMessage(8103, LogLevel.Information, "The client certificate was replaced: {Certificate}. New connections show it.")]
        public static partial void Rotated(ILogger log, string certificate);

        [LoggerMessage(8104, LogLevel.Information, "Stopping: no new tasks; {Running} running have {Grace} s to finish. A second signal stops them.")]
        public static partial void Stopping(ILogger log, int running, long grace);

        [LoggerMessage(8105, LogLevel.Warning, "{Running} tasks are stopped before they finished.")]
        public static partial void Hurry(ILogger log, int running);

        [LoggerMessage(8106, LogLevel.Error, "{Reason} The delegate stops.")]
        public static partial void Ended(ILogger log, string reason);

        [LoggerMessage(8107, LogLevel.Warning, "The manager could not be told that this delegate goes: {Reason}")]
        public static partial void NoGoodbye(ILogger log, string reason);

        [LoggerMessage(8109, LogLevel.Information, "The server roots were replaced: {Roots} count now besides the system's. New connections are judged by them.")]
        public static partial void RootsReplaced(ILogger log, int roots);

        [LoggerMessage(8108, LogLevel.Information, "Stopped.")]
        public static partial void Stopped(ILogger log);
    }
}
