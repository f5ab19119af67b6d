using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Client;

/// <summary>
/// The delegate protocol as calls (protocol sheet §5.2). Every call throws <see cref="RequestRefusedException"/> when the answer is no,
/// <see cref="ConnectionFailedException"/> when there is none, and <see cref="OperationCanceledException"/> only when its caller cancels. Nothing is retried here.
/// </summary>
public sealed class DelegateClient : IDisposable
{
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);

    private readonly AgentHttp _http;
    private readonly AgentTransport _transport;

    /// <summary>Makes one.</summary>
    /// <param name="http">Connections; owned from here on.</param>
    /// <param name="manager">Where to.</param>
    /// <param name="credential">Shown with each call.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="version">The delegate's version, sent as <c>User-Agent: delegate/…</c>.</param>
    /// <param name="time">The clock of the limits.</param>
    public DelegateClient(AgentHttp http, ManagerAddress manager, DelegateCredential credential, string accountId, string version, TimeProvider time)
    {
        _http = http;
        _transport = new AgentTransport(http, manager, credential, accountId, $"delegate/{version}", time);
    }

    /// <summary>The manager's clock minus ours; zero when they differ by less than a minute.</summary>
    public TimeSpan ManagerClockAhead => _transport.Credential.ManagerClockAhead;

    /// <summary>Registers, or registers again, and answers the delegate's id (sheet §5.4).</summary>
    public async Task<DelegateRegisterResponse> RegisterAsync(DelegateParams parameters, CancellationToken cancel)
    {
        var answer = await _transport.SendAsync(HttpMethod.Post, At(Routes.Agent.Register), Json(parameters, ContractsJson.Default.DelegateParams), null, ContractsJson.Default.RestResponseDelegateRegisterResponse, s_long, cancel);
        return answer?.Resource ?? throw new RequestRefusedException(
            "registration_empty", "The manager answered the registration without a delegate id.", "An IP allow-list of the account may leave this machine out.");
    }

    /// <summary>Says goodbye; an unknown delegate is no error.</summary>
    public Task UnregisterAsync(UnregisterDelegateRequest request, CancellationToken cancel) =>
        _transport.SendAsync(HttpMethod.Post, At(Routes.Agent.Unregister), Json(request, ContractsJson.Default.UnregisterDelegateRequest), request.DelegateId, s_short, cancel);

    /// <summary>Sends a heartbeat (sheet §5.5).</summary>
    public async Task<DelegateHeartbeatResponse> HeartbeatAsync(DelegateParams parameters, CancellationToken cancel)
    {
        var answer = await _transport.SendAsync(HttpMethod.Post, At(Routes.Agent.Heartbeat), Json(parameters, ContractsJson.Default.DelegateParams), parameters.DelegateId, ContractsJson.Default.RestResponseDelegateHeartbeatResponse, s_short, cancel);
        return answer?.Resource ?? new DelegateHeartbeatResponse { Status = "ENABLED" };
    }

    /// <summary>Asks for what is to be done (sheet §5.6).</summary>
    public async Task<IReadOnlyList<DelegateTaskEvent>> TaskEventsAsync(string delegateId, CancellationToken cancel)
    {
        var answer = await _transport.SendAsync(
            HttpMethod.Get, At(Routes.Agent.TaskEvents, [("delegateId", delegateId)]), null, delegateId, ContractsJson.Default.DelegateTaskEventsResponse, s_short, cancel);
        return answer?.DelegateTaskEvents ?? [];
    }

    /// <summary>Takes a task. The same instance may ask again and gets the same task again (sheet §6.3).</summary>
    /// <returns>Null when the manager has nothing to give under that id.</returns>
    public async Task<DelegateTaskPackage?> AcquireAsync(string delegateId, string taskId, string instanceId, CancellationToken cancel)
    {
        try
        {
            var address = At(Routes.Agent.Acquire, [("delegateId", delegateId), ("taskId", taskId)], ("delegateInstanceId", instanceId));
            return await _transport.SendAsync(HttpMethod.Put, address, null, delegateId, ContractsJson.Default.DelegateTaskPackage, s_long, cancel);
        }
        catch (RequestRefusedException refused) when (refused.IsFinal)
        {
            return null;
        }
        catch (ConnectionFailedException failure) when (failure.InnerException is JsonException)
        {
            // An empty object, or a package that asks to be validated first: either way not ours to run (sheet §6.3).
            return null;
        }
    }

    /// <summary>Answers a task.</summary>
    public Task RespondAsync(string delegateId, string taskId, DelegateTaskResponse response, CancellationToken cancel) =>
        _transport.SendAsync(
            HttpMethod.Post, At(Routes.Agent.TaskResponse, [("taskId", taskId), ("delegateId", delegateId)]),
            Json(response, ContractsJson.Default.DelegateTaskResponse), delegateId, s_long, cancel);

    /// <summary>Answers a task whose package asked for the newer shape.</summary>
    public Task RespondAsync(string delegateId, string taskId, RunnerResponse response, CancellationToken cancel) =>
        _transport.SendAsync(
            HttpMethod.Post, At(Routes.Agent.RunnerResponse, [("taskId", taskId)], ("delegateId", delegateId)),
            Json(response, ContractsJson.Default.RunnerResponse), delegateId, s_long, cancel);

    /// <summary>Sends a chunk of output, at most <see cref="Limits.MaxTaskOutputChunkBytes"/>; may be repeated.</summary>
    public async Task<TaskOutputReceipt> SendOutputAsync(string delegateId, string taskId, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var address = At(
            Routes.Agent.TaskOutput, [("taskId", taskId)], ("delegateId", delegateId), ("offset", offset.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        using var content = new ReadOnlyMemoryContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await _transport.SendAsync(HttpMethod.Post, address, content, delegateId, ContractsJson.Default.TaskOutputReceipt, s_long, cancel)
            ?? new TaskOutputReceipt(offset + bytes.Length, Truncated: false);
    }

    /// <summary>Asks for a token of the account's for the log service (log and TI sheet §2).</summary>
    /// <returns>Null when the manager has none to give.</returns>
    public async Task<string?> LoggingTokenAsync(string delegateId, CancellationToken cancel)
    {
        var answer = await _transport.SendAsync(HttpMethod.Get, At(Routes.Agent.LoggingToken), null, delegateId, ContractsJson.Default.RestResponseLoggingToken, s_short, cancel);
        return answer?.Resource?.TokenValue is { Length: > 0 } token ? token : null;
    }

    /// <summary>Tells how many tasks it takes at once (sheet §5.2).</summary>
    public Task RegisterCapacityAsync(string delegateId, int tasks, CancellationToken cancel) =>
        _transport.SendAsync(
            HttpMethod.Post, At(Routes.Agent.Capacity, [("delegateId", delegateId)]),
            Json(new DelegateCapacityRequest(tasks), ContractsJson.Default.DelegateCapacityRequest), delegateId, s_short, cancel);

    /// <summary>Opens the stream on which tasks are pushed (sheet §5.8).</summary>
    public Task<DelegateStream> OpenStreamAsync(string delegateId, string connectionId, CancellationToken cancel) =>
        DelegateStream.OpenAsync(_transport, delegateId, connectionId, s_short, cancel);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private Uri At(string route, IReadOnlyList<(string Name, string Value)>? values = null, params IReadOnlyList<(string Name, string Value)> query) =>
        _transport.Manager.At(route, values ?? [], [("accountId", _transport.AccountId), .. query]);

    /// <summary>With a Content-Length, unlike <c>JsonContent</c>: a gateway that refuses reads no more of a request than it must.</summary>
    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
