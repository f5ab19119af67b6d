using System.Text;
using System.Text.Json;
using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Cli.Demo;

/// <summary>Runs a real script on one delegate and checks that its output came while it ran.</summary>
internal sealed class DemoTasks(DemoScene scene, TimeProvider time)
{
    private const string Script = "echo \"hello from $(uname -sm)\"; sleep 0.6; echo bye";
    private const int ScriptExitCode = 0;

    /// <summary>The first line must be here this long before the end, or it was not live.</summary>
    private static readonly TimeSpan s_live = TimeSpan.FromMilliseconds(300);

    public async Task<string> RunAsync(string delegateName, CancellationToken cancellationToken)
    {
        var queued = time.GetTimestamp();
        var task = await scene.Client.RunTaskAsync(
            DemoScene.Account, new RunTaskRequest { Shell = new ShellScriptTask(Script), Selectors = [delegateName], TimeoutMs = 30_000 }, cancellationToken);
        await using var output = new TimedOutput(time);
        var cursor = new TaskOutputCursor();
        do
        {
            await scene.Client.CopyTaskOutputAsync(DemoScene.Account, task.Id, cursor, output, cancellationToken);
            task = await scene.Client.GetTaskAsync(DemoScene.Account, task.Id, cancellationToken);
        }
        while (!task.IsFinished || task.OutputBytes > cursor.Offset);

        var ended = time.GetTimestamp();
        var text = Encoding.UTF8.GetString(output.ToArray());
        var result = task.Result is { ValueKind: JsonValueKind.Object } json ? json.Deserialize(ContractsJson.Default.ShellScriptResult) : null;
        if (result?.ExitCode != ScriptExitCode || task.DelegateName != delegateName || !text.StartsWith("hello from ", StringComparison.Ordinal) || !text.EndsWith("\nbye\n", StringComparison.Ordinal))
        {
            throw new DemoFailure(
                $"'hello from ...' and 'bye' from {delegateName}, exit code {ScriptExitCode}.",
                $"{task.Status} on {task.DelegateName ?? "nobody"}, exit code {result?.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}, output '{text}'. {task.Error}");
        }

        return output.FirstByteAt is { } first && time.GetElapsedTime(first, ended) >= s_live
            ? $"{text}first line after {Words.Span(time.GetElapsedTime(queued, first))}, script's exit code {result.ExitCode}"
            : throw new DemoFailure("the first line while the script still runs.", "it came with the end.");
    }

    /// <summary>Remembers when the first byte came.</summary>
    private sealed class TimedOutput(TimeProvider time) : MemoryStream
    {
        public long? FirstByteAt { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            FirstByteAt ??= time.GetTimestamp();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
