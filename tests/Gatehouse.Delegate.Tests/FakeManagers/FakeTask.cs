using System.Text;
using System.Text.Json;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Contracts;

namespace Gatehouse.Delegate.Tests;

/// <summary>A task of <see cref="FakeManager"/>, with what came of it.</summary>
internal sealed class FakeTask(string id, string type, JsonElement data, TimeSpan limit, bool runnerResponse)
{
    private readonly TaskCompletionSource<DelegateTaskResponse> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte> _output = [];
    private readonly Lock _lock = new();

    public string Id => id;

    /// <summary>What the task is told of services.</summary>
    public TaskServices? Services { get; set; }

    public string? InstanceId { get; private set; }

    /// <summary>The token its log is written with; null: it has no log.</summary>
    public string? LogToken { get; set; }

    public Dictionary<string, string> Secrets { get; } = [];

    public int Responses { get; private set; }

    public int Chunks { get; private set; }

    public byte[] OutputWhenAnswered { get; private set; } = [];

    public string Output
    {
        get
        {
            lock (_lock)
                return Encoding.UTF8.GetString(_output.ToArray());
        }
    }

    public async Task<DelegateTaskResponse> ResponseAsync() => await _response.Task.WaitAsync(TimeSpan.FromMinutes(3));

    public async Task<ShellScriptResult> ResultAsync() => (await ResponseAsync()).Data!.Value.Deserialize(ContractsJson.Default.ShellScriptResult)!;

    public bool Acquire(string instanceId)
    {
        lock (_lock)
            return (InstanceId ??= instanceId) == instanceId;
    }

    public DelegateTaskPackage Package(string delegateId) => new()
    {
        Id = id,
        Type = type,
        Data = data,
        Async = true,
        Timeout = (long)limit.TotalMilliseconds,
        Delegate = new DelegateInfo { Id = delegateId, InstanceId = InstanceId! },
        RunnerResponse = runnerResponse,
        Logging = LogToken is null ? null : new DelegateTaskLogging(LogToken, new Dictionary<string, string> { ["accountId"] = FakeManager.Account, ["taskId"] = id }),
        Secrets = [.. Secrets.Select(secret => JsonSerializer.SerializeToElement(new { name = secret.Key, value = secret.Value }))],
        Services = type == TaskTypes.RunTests ? (Services ?? new TaskServices()) with { TiToken = FakeTi.Token } : Services,
    };

    /// <summary>Takes what follows what it has; what it has already is not taken twice.</summary>
    public async Task<TaskOutputReceipt> TakeOutputAsync(long offset, Stream body)
    {
        using var chunk = new MemoryStream();
        await body.CopyToAsync(chunk);
        lock (_lock)
        {
            Chunks++;
            if (offset <= _output.Count && offset + chunk.Length > _output.Count)
                _output.AddRange(chunk.ToArray()[(int)(_output.Count - offset)..]);
            return new TaskOutputReceipt(_output.Count, Truncated: false);
        }
    }

    public void Respond(DelegateTaskResponse response)
    {
        lock (_lock)
        {
            Responses++;
            if (!_response.Task.IsCompleted)
                OutputWhenAnswered = [.. _output];
        }

        _response.TrySetResult(response);
    }
}
