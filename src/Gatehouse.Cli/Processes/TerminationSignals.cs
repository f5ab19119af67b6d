using System.Runtime.InteropServices;

namespace Gatehouse.Cli.Processes;

/// <summary>Turns the first Ctrl-C, TERM or HUP into a cancelled token, so that commands can tidy up. The second one ends the process as usual.</summary>
internal sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly PosixSignalRegistration[] _registrations;

    public TerminationSignals()
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _cancelled.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _cancelled.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !_cancelled.IsCancellationRequested;
        // Not on the signal thread: what runs on cancellation may take its time.
        _ = _cancelled.CancelAsync();
    }
}
