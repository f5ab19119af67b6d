using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate.Tests;

/// <summary>A manager as far as a delegate can tell (protocol sheet §4–6): it keeps what it is told, and can be stopped and started on its port with nothing forgotten.</summary>
internal sealed class FakeManager : IAsyncDisposable
{
    public const string Account = "acme";
    public const string Token = "00112233445566778899aabbccddeeff";
    public const string DelegateId = "delegate-1";

    private readonly ConcurrentDictionary<string, FakeTask> _tasks = new();
    private readonly ConcurrentQueue<DelegateTaskEvent> _aborts = new();
    private readonly X509Certificate2? _certificate;
    private WebApplication? _app;
    private WebSocket? _stream;

    private FakeManager(X509Certificate2? certificate) => _certificate = certificate;

    public int Port { get; } = FreePorts.Next();

    public string Url => (_certificate is null ? "http" : "https") + $"://localhost:{Port}";

    public ConcurrentQueue<DelegateParams> Registrations { get; } = new();

    public ConcurrentQueue<DelegateParams> Heartbeats { get; } = new();

    public ConcurrentQueue<DelegateParams> StreamHeartbeats { get; } = new();

    public ConcurrentQueue<UnregisterDelegateRequest> Goodbyes { get; } = new();

    public ConcurrentQueue<string> Credentials { get; } = new();

    /// <summary>Serial numbers of the client certificates that came with registrations and streams; empty text for none.</summary>
    public ConcurrentQueue<string> Serials { get; } = new();

    /// <summary>Beside it, below <c>/ti-service/</c>.</summary>
    public FakeTi Ti { get; } = new();

    public int Polls { get; private set; }

    public int Requests { get; private set; }

    /// <summary>When set, every request is refused so.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Protocol code for every request, for example INVALID_TOKEN.</summary>
    public string? ErrorCode { get; set; }

    public bool StreamsAllowed { get; set; } = true;

    public string HeartbeatStatus { get; set; } = "ENABLED";

    public bool StreamIsOpen => _stream is { State: WebSocketState.Open };

    public static async Task<FakeManager> StartAsync(X509Certificate2? serverCertificate = null)
    {
        var manager = new FakeManager(serverCertificate);
        await manager.StartListeningAsync();
        return manager;
    }

    public async Task StartListeningAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listen =>
        {
            if (_certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = _certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true,
                });
            }
        }));
        if (_certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Use(GateAsync);
        Map(_app);
        await _app.StartAsync();
    }

    /// <summary>Goes away without a word, as a killed process does.</summary>
    public async Task StopListeningAsync()
    {
        var app = _app!;
        _app = null;
        _stream?.Abort();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await StopListeningAsync();
    }

    public FakeTask Queue(string id, string type, object data, TimeSpan? limit = null, bool runnerResponse = false)
    {
        var task = new FakeTask(id, type, JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web), limit ?? TimeSpan.FromSeconds(60), runnerResponse);
        _tasks[id] = task;
        return task;
    }

    /// <summary>Queues a script and pushes it when the stream is open.</summary>
    public async Task<FakeTask> RunScriptAsync(string id, string script, TimeSpan? limit = null, Dictionary<string, string>? environment = null)
    {
        var task = Queue(id, "SHELL_SCRIPT", new { script, environment }, limit);
        await PushAsync(Offer(DelegateTaskEvent.Task, id));
        return task;
    }

    public async Task AbortAsync(string id)
    {
        var abort = Offer(DelegateTaskEvent.Abort, id);
        if (!await PushAsync(abort))
            _aborts.Enqueue(abort);
    }

    public Task<bool> PushAsync(DelegateTaskEvent offer) => PushAsync(JsonSerializer.Serialize(offer, ContractsJson.Default.DelegateTaskEvent));

    public async Task<bool> PushAsync(string frame)
    {
        if (_stream is not { State: WebSocketState.Open } stream)
            return false;
        await stream.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, CancellationToken.None);
        return true;
    }

    public static DelegateTaskEvent Offer(string type, string id) =>
        new() { EventType = type, AccountId = Account, DelegateTaskId = id, TaskType = type == DelegateTaskEvent.Task ? "SHELL_SCRIPT" : null };

    private async Task GateAsync(HttpContext context, RequestDelegate next)
    {
        Requests++;
        Credentials.Enqueue(context.Request.Headers.Authorization.ToString());
        if (Refusal is { } refusal)
        {
            context.Response.StatusCode = 403;
            context.Response.Headers["Gatehouse-Refusal"] = refusal.Code.Name();
            context.Response.Headers.Connection = "close";
            await context.Response.WriteAsJsonAsync(RefusalBody.Of(refusal), ContractsJson.Default.RefusalBody);
            return;
        }

        if (ErrorCode is { } code)
        {
            context.Response.StatusCode = ProtocolErrorCode.HttpStatus(code);
            await context.Response.WriteAsJsonAsync(
                new RestResponse<string> { ResponseMessages = [new ResponseMessage { Code = code, Message = "No." }] }, ContractsJson.Default.RestResponseString);
            return;
        }

        await next(context);
    }

    private void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Agent.Register, (RequestDelegate)RegisterAsync);
        routes.MapPost(Routes.Agent.Unregister, async (HttpContext context) =>
        {
            Goodbyes.Enqueue((await context.Request.ReadFromJsonAsync(ContractsJson.Default.UnregisterDelegateRequest))!);
            return Results.Json(new RestResponse<string>(), ContractsJson.Default.RestResponseString);
        });
        routes.MapPost(Routes.Agent.Heartbeat, async (HttpContext context) =>
        {
            Heartbeats.Enqueue((await context.Request.ReadFromJsonAsync(ContractsJson.Default.DelegateParams))!);
            return Results.Json(
                new RestResponse<DelegateHeartbeatResponse> { Resource = new DelegateHeartbeatResponse { Status = HeartbeatStatus } }, ContractsJson.Default.RestResponseDelegateHeartbeatResponse);
        });
        routes.MapPost(Routes.Agent.Capacity, () => Results.NoContent());
        routes.MapGet(Routes.Agent.TaskEvents, () =>
        {
            Polls++;
            var offers = _tasks.Values.Where(task => task.InstanceId is null).Select(task => Offer(DelegateTaskEvent.Task, task.Id)).ToList();
            while (_aborts.TryDequeue(out var abort))
                offers.Add(abort);
            return Results.Json(new DelegateTaskEventsResponse(offers), ContractsJson.Default.DelegateTaskEventsResponse);
        });
        routes.MapPut(Routes.Agent.Acquire, (string taskId, string delegateInstanceId) =>
            _tasks.TryGetValue(taskId, out var task) && task.Acquire(delegateInstanceId) ? Results.Json(task.Package(DelegateId), ContractsJson.Default.DelegateTaskPackage) : Results.NotFound());
        routes.MapPost(Routes.Agent.TaskOutput, async (string taskId, long offset, HttpContext context) =>
        {
            var receipt = await _tasks[taskId].TakeOutputAsync(offset, context.Request.Body);
            return Results.Json(receipt, ContractsJson.Default.TaskOutputReceipt);
        });
        routes.MapPost(Routes.Agent.TaskResponse, async (string taskId, HttpContext context) =>
        {
            _tasks[taskId].Respond((await context.Request.ReadFromJsonAsync(ContractsJson.Default.DelegateTaskResponse))!);
            return Results.NoContent();
        });
        routes.MapPost(Routes.Agent.RunnerResponse, async (string taskId, HttpContext context) =>
        {
            var answer = (await context.Request.ReadFromJsonAsync(ContractsJson.Default.RunnerResponse))!;
            _tasks[taskId].Respond(new DelegateTaskResponse { Id = answer.Id, Code = answer.Code, Data = JsonSerializer.Deserialize<JsonElement>(answer.Data) });
            return Results.NoContent();
        });
        routes.MapGet(Routes.Agent.LoggingToken, () => Results.Json(
            new RestResponse<LoggingToken> { Resource = new LoggingToken(Account, "fresh-token", 0) }, ContractsJson.Default.RestResponseLoggingToken));
        routes.Map("/ti-service/{**path}", (RequestDelegate)Ti.AnswerAsync);
        routes.MapGet(Routes.Agent.Stream, (RequestDelegate)StreamAsync);
    }

    private async Task RegisterAsync(HttpContext context)
    {
        Registrations.Enqueue((await context.Request.ReadFromJsonAsync(ContractsJson.Default.DelegateParams))!);
        // Not at the heartbeat that is told so: its answer may be lost when the manager stops listening.
        if (Registrations.Count > 1)
            HeartbeatStatus = "ENABLED";
        Serials.Enqueue(context.Connection.ClientCertificate?.SerialNumber ?? "");
        await context.Response.WriteAsJsonAsync(
            new RestResponse<DelegateRegisterResponse> { Resource = new DelegateRegisterResponse { DelegateId = DelegateId } }, ContractsJson.Default.RestResponseDelegateRegisterResponse);
    }

    private async Task StreamAsync(HttpContext context)
    {
        if (!StreamsAllowed)
        {
            context.Response.StatusCode = 502;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        Serials.Enqueue(context.Connection.ClientCertificate?.SerialNumber ?? "");
        _stream = socket;
        var buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: WebSocketMessageType.Text } frame)
            {
                StreamHeartbeats.Enqueue(JsonSerializer.Deserialize(buffer.AsSpan(0, frame.Count), ContractsJson.Default.DelegateParams)!);
                await PushAsync(JsonSerializer.Serialize(new DelegateHeartbeatFrame { DelegateId = DelegateId, Status = "ENABLED" }, ContractsJson.Default.DelegateHeartbeatFrame));
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or InvalidOperationException)
        {
            // The delegate, or this manager, went away.
        }
    }
}
