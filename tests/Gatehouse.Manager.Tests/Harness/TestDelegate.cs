using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>A delegate as plain HTTP calls.</summary>
internal sealed class TestDelegate(ManagerHost host, string account, string tokenHex, IAgentOrigin? origin = null, string name = "worker")
{
    private readonly string? _origin = origin is null ? null : host.Know(origin);

    public string Id { get; private set; } = "";

    public string Account => account;

    public DelegateParams Params { get; set; } = new()
    {
        AccountId = account,
        DelegateName = name,
        HostName = "host-" + name,
        Ip = "10.0.0.5",
        DelegateType = "DOCKER",
        Ng = true,
        HeartbeatAsObject = true,
        SupportedTaskTypes = [TaskTypes.ShellScript, TaskTypes.HttpCall],
        Tags = [],
    };

    public string Credential => TestCredential.Make(tokenHex, account, host.Now);

    public static async Task<TestDelegate> RegisteredAsync(ManagerHost host, string account, string tokenHex, IAgentOrigin? origin = null, string name = "worker", params string[] tags)
    {
        var worker = new TestDelegate(host, account, tokenHex, origin, name);
        worker.Params = worker.Params with { Tags = tags };
        using var response = await worker.RegisterAsync();
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return worker;
    }

    public async Task<HttpResponseMessage> RegisterAsync()
    {
        var response = await SendAsync(HttpMethod.Post, Routes.Agent.Register, JsonContent.Create(Params, ContractsJson.Default.DelegateParams));
        if (response.IsSuccessStatusCode)
        {
            await response.Content.LoadIntoBufferAsync();
            Id = (await response.Content.ReadFromJsonAsync(ContractsJson.Default.RestResponseDelegateRegisterResponse))!.Resource!.DelegateId!;
        }
        return response;
    }

    public Task<HttpResponseMessage> HeartbeatAsync() => SendAsync(
        HttpMethod.Post, Routes.Agent.Heartbeat,
        JsonContent.Create(Params with { DelegateId = Id, LastHeartBeat = host.Now.ToUnixTimeMilliseconds() }, ContractsJson.Default.DelegateParams));

    public async Task<IReadOnlyList<DelegateTaskEvent>> PollAsync()
    {
        using var response = await SendAsync(HttpMethod.Get, $"/api/agent/delegates/{Id}/task-events");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.DelegateTaskEventsResponse))!.DelegateTaskEvents;
    }

    public Task<HttpResponseMessage> AcquireAsync(string taskId, string? instance = null) => SendAsync(
        HttpMethod.Put, $"/api/agent/v2/delegates/{Id}/tasks/{taskId}/acquire", query: instance is null ? "" : $"&delegateInstanceId={instance}");

    public Task<HttpResponseMessage> RespondAsync(string taskId, string code, string data = "{}") => SendAsync(
        HttpMethod.Post, $"/api/agent/v2/tasks/{taskId}/delegates/{Id}",
        new StringContent($$"""{"id":"{{taskId}}","type":"SHELL_SCRIPT","code":"{{code}}","data":{{data}}}""", Encoding.UTF8, "application/json"));

    public Task<HttpResponseMessage> UnregisterAsync() => SendAsync(
        HttpMethod.Post, Routes.Agent.Unregister, JsonContent.Create(new UnregisterDelegateRequest { DelegateId = Id }, ContractsJson.Default.UnregisterDelegateRequest));

    public async Task<TaskOutputReceipt> WriteAsync(string taskId, long offset, string text)
    {
        using var response = await SendAsync(HttpMethod.Post, $"/api/agent/gatehouse/tasks/{taskId}/output", new ByteArrayContent(Encoding.UTF8.GetBytes(text)), $"&delegateId={Id}&offset={offset}");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.TaskOutputReceipt))!;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, string query = "")
    {
        using var request = new HttpRequestMessage(method, $"{path}?accountId={account}{query}") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Delegate", Credential);
        if (_origin is not null)
            request.Headers.Add(ManagerHost.OriginHeader, _origin);
        return await host.Agent.SendAsync(request);
    }

    public async Task<TestStream> OpenStreamAsync(bool credentialInQuery = false)
    {
        var socket = new ClientWebSocket();
        if (!credentialInQuery)
            socket.Options.SetRequestHeader("Authorization", "Delegate " + Credential);
        if (_origin is not null)
            socket.Options.SetRequestHeader(ManagerHost.OriginHeader, _origin);
        var address = new UriBuilder(host.AgentAddress)
        {
            Scheme = "ws",
            Path = $"/stream/delegate/{account}",
            Query = $"delegateId={Id}" + (credentialInQuery ? "&token=" + Credential : ""),
        };
        await socket.ConnectAsync(address.Uri, CancellationToken.None);
        return new TestStream(socket);
    }

    public byte[] HeartbeatFrame(string? token = "") => JsonSerializer.SerializeToUtf8Bytes(
        new DelegateParams { AccountId = account, DelegateId = Id, LastHeartBeat = host.Now.ToUnixTimeMilliseconds(), Token = token is "" ? Credential : token },
        ContractsJson.Default.DelegateParams);
}
