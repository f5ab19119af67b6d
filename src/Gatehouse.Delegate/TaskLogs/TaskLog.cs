using System.Net;
using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>
/// Streams one task's output to the log service, line by line. The spool has all of it, lines are numbered, and the service says which it wants next:
/// after a lost answer or a restart nothing is sent in vain and nothing is missing.
/// <code>
///   open ──▶ write, write, … ──▶ close: kept as a blob
///    ▲           │  ▲               │
///    │           │  └───────────────┴── it wants an earlier line: go back there
///    └───────────┴── the stream is gone: open again, from line 0
/// </code>
/// </summary>
internal sealed class TaskLog(LogServiceClient service, LogToken token, string key, TimeSpan lifetime, OutputSpool spool, LogServiceNotice notice, RetryPace pace, TimeProvider time)
{
    /// <summary>
    /// A task that writes nothing has a log, too, after this time. Until then, and until its first output, its start is not held up: opening a log is work for the same
    /// machine.
    /// </summary>
    private static readonly TimeSpan s_quietStart = TimeSpan.FromMilliseconds(50);

    /// <summary>Lines are collected for this long.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(100);

    private readonly LogReader _reader = new(spool);
    private volatile bool _isHeldUp;
    private int _reopenings;

    /// <summary>The last exchange failed, and it is being tried again.</summary>
    internal bool IsHeldUp => _isHeldUp;

    /// <summary>Bytes of output that the service has.</summary>
    internal long Sent => _reader.Offset;

    /// <summary>Runs until the stream is closed with all of the output in it.</summary>
    /// <exception cref="RequestRefusedException">The service will not take it, however often it is asked.</exception>
    internal async Task RunAsync(CancellationToken cancel)
    {
        await spool.WaitBeyondAsync(0, cancel).WaitAsync(s_quietStart, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
        await OpenAsync(cancel);
        do
        {
            while (await _reader.WaitAsync(cancel))
                await SendAsync(cancel);
        }
        while (!await CloseAsync(cancel));
    }

    private async Task OpenAsync(CancellationToken cancel)
    {
        if (_reopenings > 0)
            await Task.Delay(s_gather * Math.Min(_reopenings, 100), time, cancel);
        await AskAsync(async now =>
        {
            await service.OpenAsync(now, key, lifetime, cancel);
            return true;
        }, cancel);
        _reader.MoveTo(0);
        _reopenings++;
    }

    private async Task SendAsync(CancellationToken cancel)
    {
        // Lines are taken anew for each attempt: while the service is away, many logs wait.
        var receipt = await AskAsync(now => service.WriteAsync(now, key, _reader.Peek(), cancel), cancel);
        if (receipt.IsStreamGone)
        {
            // Its lifetime was over, or somebody closed it, or the service came back without it.
            await OpenAsync(cancel);
            return;
        }

        var hasMoved = receipt.NextLine > _reader.Line;
        _reader.MoveTo(receipt.NextLine);
        if (hasMoved)
            _reopenings = 0;
        if (!hasMoved)
            await Task.Delay(s_gather, time, cancel);
        else if (!_reader.IsFarBehind)
            await spool.Completed.WaitAsync(s_gather, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Closes. The service acknowledges lines before they are on its disk, so that a restart just now may have cost the last ones: it is told how many there
    /// are. False: there is more to do first.
    /// </summary>
    private async Task<bool> CloseAsync(CancellationToken cancel)
    {
        var receipt = await AskAsync(now => service.CloseAsync(now, key, _reader.Line, cancel), cancel);
        if (receipt.IsStreamGone)
            await OpenAsync(cancel);
        else if (receipt.NextLine < _reader.Line)
            _reader.MoveTo(receipt.NextLine);
        else
            return true;
        return false;
    }

    /// <summary>Asks until there is an answer.</summary>
    private async Task<T> AskAsync<T>(Func<string, Task<T>> call, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var answer = await call(await token.GetAsync(cancel));
                pace.Reset();
                _isHeldUp = false;
                notice.Clear();
                return answer;
            }
            catch (Exception failure) when (IsPassing(failure))
            {
                await HoldUpAsync(failure, cancel);
            }
        }
    }

    private Task HoldUpAsync(Exception failure, CancellationToken cancel)
    {
        _isHeldUp = true;
        notice.Report(failure);
        if (failure is RequestRefusedException { Status: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden })
            token.Refused();
        return Task.Delay(pace.Next(failure), time, cancel);
    }

    private static bool IsPassing(Exception failure) => failure is ConnectionFailedException or RequestRefusedException { IsFinal: false };
}
