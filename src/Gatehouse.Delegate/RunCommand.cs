using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary><c>run</c>: from the environment to a running delegate.</summary>
internal static class RunCommand
{
    internal static async Task<int> ExecuteAsync()
    {
        if (OperatingSystem.IsLinux())
        {
            Native.HideMemoryFromTasks();
            Native.BecomeSubreaper();
        }

        using var signals = new StopSignals();
        IReadOnlyDictionary<string, string> environment = OwnEnvironment();
        if (environment.GetValueOrDefault("INIT_SCRIPT") is { } script && !string.IsNullOrWhiteSpace(script))
        {
            try
            {
                (environment, var failure) = await InitScript.RunAsync(environment, script, signals.Stop);
                if (failure is not null)
                    return await FailAsync(failure, ExitCode.Failed);
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Done;
            }
        }

        var (settings, problems) = SettingsReader.Read(environment, Environment.MachineName);
        if (settings is null)
            return await FailAsync(string.Join(Environment.NewLine, problems), ExitCode.WrongUse);
        var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        var isJson = string.Equals(environment.GetValueOrDefault("DELEGATE_LOG_FORMAT")?.Trim(), "json", StringComparison.OrdinalIgnoreCase);
        var log = new ConsoleLog(output, isJson, TimeProvider.System);
        return await StartAsync(settings, environment, log, signals);
    }

    private static async Task<int> StartAsync(DelegateSettings settings, IReadOnlyDictionary<string, string> environment, ConsoleLog log, StopSignals signals)
    {
        DelegateProgram program;
        try
        {
            var identity = DelegateProgram.LoadIdentity(settings, TimeProvider.System, log);
            program = await DelegateProgram.CreateAsync(settings, environment, identity, TimeProvider.System, log);
        }
        catch (ClientIdentityException failure)
        {
            return await FailAsync(failure.Message, ExitCode.WrongUse);
        }
        catch (SocketException failure)
        {
            return await FailAsync(
                $"DELEGATE_HEALTH_PORT: port {settings.HealthPort} cannot be used ({failure.Message}). Set it to a free port, or to 0 for any.", ExitCode.WrongUse);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return await FailAsync($"DELEGATE_WORKING_DIR: no folder can be made in {settings.WorkingDirectory} ({failure.Message.TrimEnd('.')}).", ExitCode.WrongUse);
        }

        using (program)
            return await program.RunAsync(signals.Stop, signals.StopNow);
    }

    private static async Task<int> FailAsync(string sentences, int code)
    {
        await Console.Error.WriteLineAsync(sentences);
        return code;
    }

    private static Dictionary<string, string> OwnEnvironment()
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            own[(string)entry.Key] = (string?)entry.Value ?? "";
        return own;
    }

    /// <summary>The first SIGTERM or SIGINT asks, the second insists.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _now = new();
        private readonly PosixSignalRegistration[] _registrations;

        internal StopSignals() =>
            _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal)];

        internal CancellationToken Stop => _stop.Token;

        internal CancellationToken StopNow => _now.Token;

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
            _stop.Dispose();
            _now.Dispose();
        }

        private void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            (_stop.IsCancellationRequested ? _now : _stop).Cancel();
        }
    }
}
