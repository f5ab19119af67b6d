using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;

namespace Gatehouse.Cli.Commands;

/// <summary>Reads logs for people (their text, as the task wrote it) and for programs (a JSON object on each line, as it is kept).</summary>
internal sealed class LogReading(Invocation call, string account, string key, string? taskId)
{
    /// <summary>How long the server may be away before giving up on it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(300);

    private readonly LogCursor _cursor = new();
    private long? _awaySince;

    /// <summary>Prints what there is.</summary>
    public async Task<int> PrintAsync(CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        try
        {
            await call.Client.ReadLogAsync(account, key, follow: false, _cursor, line => WriteAsync(output, line), cancellationToken);
        }
        catch (OperatorApiException e)
        {
            throw await ExplainAsync(e, cancellationToken);
        }

        if (_cursor.End == LogEnd.Broken)
        {
            throw CliException.Failed("The connection broke before the log's end. Call again.");
        }

        if (_cursor.End == LogEnd.Open)
        {
            call.Say("The log is still being written; 'gatehouse logs tail' follows it.");
        }

        return ExitCodes.Done;
    }

    /// <summary>Prints until the log is closed.</summary>
    public async Task<int> FollowAsync(CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        while (true)
        {
            try
            {
                await call.Client.ReadLogAsync(account, key, follow: true, _cursor, line => WriteAsync(output, line), cancellationToken);
                _awaySince = null;
                if (_cursor.End == LogEnd.Closed)
                {
                    return ExitCodes.Done;
                }
            }
            catch (OperatorApiException e) when (e.IsTransient)
            {
                WaitOrGiveUp(e);
            }
            catch (OperatorApiException e)
            {
                // A running task's delegate may be about to open it.
                if (e.Code != "log_not_found" || !await MayComeAsync(cancellationToken))
                {
                    throw await ExplainAsync(e, cancellationToken);
                }
            }

            await Task.Delay(s_pause, call.Time, cancellationToken);
        }
    }

    /// <summary>Writes all logs whose key begins with the key to a new file.</summary>
    public async Task<LogDownload> DownloadAsync(string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path) || Directory.Exists(path))
        {
            throw CliException.BadInput($"'{path}' is there already. Name another file.");
        }

        var isDone = false;
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await call.Client.DownloadLogsAsync(account, key, file, cancellationToken);
            isDone = true;
            return new LogDownload(path, file.Length);
        }
        catch (OperatorApiException e)
        {
            throw await ExplainAsync(e, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            throw CliException.Failed($"'{path}' could not be written: {Safe.Line(e.Message).TrimEnd('.')}. Nothing is left of it; call again.", e);
        }
        finally
        {
            if (!isDone)
            {
                File.Delete(path);
            }
        }
    }

    private async Task WriteAsync(Stream output, ReadOnlyMemory<byte> line)
    {
        if (call.Json)
        {
            await output.WriteAsync(line);
            await output.WriteAsync("\n"u8.ToArray());
        }
        else if (LogText.Read(line.Span) is var text && text.Missed > 0)
        {
            call.Say(text.Text.TrimEnd());
        }
        else
        {
            await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text.Text));
        }

        await output.FlushAsync();
    }

    private async Task<bool> MayComeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return taskId is not null && !(await call.Client.GetTaskAsync(account, taskId, cancellationToken)).IsFinished;
        }
        catch (OperatorApiException)
        {
            return false;
        }
    }

    private void WaitOrGiveUp(OperatorApiException e)
    {
        if (_awaySince is not { } since)
        {
            _awaySince = call.Time.GetTimestamp();
            call.Say("The connection to the server is lost; this goes on when it is back.");
        }
        else if (call.Time.GetElapsedTime(since) > s_patience)
        {
            throw CliException.Failed(e.Message, e);
        }
    }

    /// <summary>The refusal with the way out.</summary>
    private async Task<Exception> ExplainAsync(OperatorApiException e, CancellationToken cancellationToken)
    {
        if (e.Status == 404 && e.Code is not ("log_not_found" or "account_not_found"))
        {
            return CliException.Failed("This server runs no log service. Ask the one whose roles have log-service (--server).", e);
        }

        if (e.Code != "log_not_found" || taskId is null)
        {
            return e;
        }

        try
        {
            var task = await call.Client.GetTaskAsync(account, taskId, cancellationToken);
            return CliException.Failed(task.StartedAt is null
                ? $"Task {taskId} has no log: no delegate has started it. 'gatehouse task show {taskId} --account {account}' tells how it stands."
                : $"Task {taskId} has no log: its delegate has not reached the log service (its own log says why), or is of another make.", e);
        }
        catch (OperatorApiException other)
        {
            return other;
        }
    }
}
