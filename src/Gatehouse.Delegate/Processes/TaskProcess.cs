using System.Buffers;
using System.Diagnostics;

namespace Gatehouse.Delegate;

/// <summary>Runs one command as a task: own session, own folder, own environment, time limit, and nothing of it left when it returns.</summary>
internal sealed class TaskProcess(ChildProcesses children, TimeProvider time)
{
    private const int BufferBytes = 64 * 1024;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastOutput = TimeSpan.FromSeconds(5);

    /// <summary>Runs to the end.</summary>
    /// <param name="command">What, where and with which environment.</param>
    /// <param name="limit">Time limit.</param>
    /// <param name="output">Called with each piece of stdout and stderr, in the order they were written; must not keep the memory.</param>
    /// <param name="abort">Ends it early.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    internal async Task<ProcessEnd> RunAsync(TaskCommand command, TimeSpan limit, Action<ReadOnlyMemory<byte>> output, CancellationToken abort)
    {
        var (process, tree) = children.StartTask(StartInfo(command));
        using (process)
        {
            using var timeUp = new CancellationTokenSource(limit, time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, abort);
            var reading = CopyAsync(process.StandardOutput.BaseStream, output);
            var feeding = FeedAsync(process, command.Input);
            int? exitCode = null;
            IReadOnlyList<string> leftBehind = [];
            bool allGone;
            try
            {
                await process.WaitForExitAsync(stop.Token);
                exitCode = process.ExitCode;
                (leftBehind, allGone) = await tree.EndAsync(s_grace);
            }
            catch (OperationCanceledException)
            {
                (_, allGone) = await tree.EndAsync(s_grace);
                if (allGone)
                    await process.WaitForExitAsync(CancellationToken.None);
            }

            // Something that could not be stopped may hold the pipe open.
            await Task.WhenAny(Task.WhenAll(reading, feeding), Task.Delay(s_lastOutput, time, CancellationToken.None));
            if (allGone)
                children.Ended(tree);
            return new ProcessEnd(exitCode, exitCode is null && timeUp.IsCancellationRequested && !abort.IsCancellationRequested, exitCode is null && abort.IsCancellationRequested, leftBehind, allGone);
        }
    }

    /// <summary>
    /// The shell joins stderr into stdout before it hands over, so that one pipe carries both in the order they were written; setsid gives the task a
    /// session of its own. Both hand over by exec: the process id stays.
    /// </summary>
    private static ProcessStartInfo StartInfo(TaskCommand command)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command.JoinErrors ? "exec \"$@\" 2>&1" : "exec \"$@\" 2>/dev/null");
        start.ArgumentList.Add("sh");
        if (Programs.SetSid is { } setsid)
            start.ArgumentList.Add(setsid);
        foreach (var part in command.Arguments)
            start.ArgumentList.Add(part);
        start.Environment.Clear();
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        return start;
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input)
    {
        try
        {
            var stdin = process.StandardInput.BaseStream;
            await stdin.WriteAsync(input);
            stdin.Close();
        }
        catch (IOException)
        {
            // It did not want to read.
        }
    }

    private static async Task CopyAsync(Stream from, Action<ReadOnlyMemory<byte>> output)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer.AsMemory(0, BufferBytes))) > 0)
                output(buffer.AsMemory(0, read));
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The pipe was given up: see s_lastOutput.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
