using System.Net;
using System.Net.Http.Json;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Manager.Tests.Tasks;

namespace Gatehouse.Manager.Tests.Delegates;

public sealed class DelegateTests
{
    [Fact]
    public async Task Registering_again_from_the_same_host_is_the_same_delegate()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var first = await TestDelegate.RegisteredAsync(host, "acme", token);
        var again = await TestDelegate.RegisteredAsync(host, "acme", token, null, "worker", "new-tag");
        Assert.Equal(first.Id, again.Id);
        Assert.Equal(["new-tag"], Assert.Single(await host.DelegatesAsync("acme")).Tags);

        var elsewhere = new TestDelegate(host, "acme", token) { Params = first.Params with { Ip = "10.0.0.6" } };
        using var other = await elsewhere.RegisterAsync();
        Assert.NotEqual(first.Id, elsewhere.Id);
        var pod = new TestDelegate(host, "acme", token) { Params = first.Params with { HostName = "pod-1", DelegateType = "KUBERNETES" } };
        var moved = new TestDelegate(host, "acme", token) { Params = pod.Params with { Ip = "10.0.0.99" } };
        using var one = await pod.RegisterAsync();
        using var two = await moved.RegisterAsync();
        Assert.Equal(pod.Id, moved.Id); // A Kubernetes host name is unique by itself.
        var neighbour = await TestDelegate.RegisteredAsync(host, "acme", token, null, "neighbour");
        Assert.NotEqual(first.Id, neighbour.Id);
    }

    [Fact]
    public async Task Registrations_at_once_make_one_delegate()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await TestDelegate.RegisteredAsync(host, "acme", token)).Id));
        Assert.Single(ids.Distinct());
        Assert.Single(await host.DelegatesAsync("acme"));
    }

    [Fact]
    public async Task The_view_shows_certificate_way_in_token_and_clock()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        var token = await host.CreateTokenAsync("acme", "fleet");
        using var origin = FakeOrigin.Mtls("acme", "customer1.agent.localhost");
        var secure = await TestDelegate.RegisteredAsync(host, "acme", token, origin, "a-secure", "Linux");
        await TestDelegate.RegisteredAsync(host, "acme", token, null, "b-plain");
        secure.Params = secure.Params with { DelegateId = secure.Id, LastHeartBeat = host.Now.AddHours(-1).ToUnixTimeMilliseconds() };
        using var beat = await secure.SendAsync(HttpMethod.Post, Routes.Agent.Heartbeat, JsonContent.Create(secure.Params, ContractsJson.Default.DelegateParams));

        var views = await host.DelegatesAsync("acme");
        Assert.Equal((true, "fleet", "customer1.agent.localhost:8443", -3600), (views[0].Mtls, views[0].TokenName, views[0].ConnectedThrough, views[0].ClockSkewSeconds));
        Assert.Equal(origin.Certificate, views[0].Certificate);
        Assert.Equal((false, null, "gatehouse.localhost:8443"), (views[1].Mtls, views[1].Certificate, views[1].ConnectedThrough));
    }

    [Fact]
    public async Task A_heartbeat_shows_a_certificate_that_came_later()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        var token = await host.CreateTokenAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", token);
        using var origin = FakeOrigin.Mtls("acme", "customer1.agent.localhost");
        var restarted = new TestDelegate(host, "acme", token, origin);
        worker.Params = worker.Params with { DelegateId = worker.Id };
        using var beat = await restarted.SendAsync(HttpMethod.Post, Routes.Agent.Heartbeat, JsonContent.Create(worker.Params, ContractsJson.Default.DelegateParams));
        Assert.Equal(HttpStatusCode.OK, beat.StatusCode);
        Assert.True((await host.DelegatesAsync("acme"))[0].Mtls);
        await host.RunJobsAsync();
        await host.KillAsync();
        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        Assert.True((await again.DelegatesAsync("acme"))[0].Mtls);
    }

    [Fact]
    public async Task Silence_means_not_connected_and_in_the_end_forgotten()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        host.Time.Advance(Limits.ConnectedWithin);
        Assert.True((await host.DelegatesAsync("acme"))[0].Connected);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await host.DelegatesAsync("acme"))[0].Connected);
        using var beat = await worker.HeartbeatAsync();
        Assert.True((await host.DelegatesAsync("acme"))[0].Connected);
        host.Time.Advance(TimeSpan.FromDays(8));
        await host.RunJobsAsync();
        Assert.Empty(await host.DelegatesAsync("acme"));
    }

    [Fact]
    public async Task Two_hundred_come_back_after_a_restart_as_who_they_were()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var names = Enumerable.Range(0, 200).Select(i => $"w{i}").ToList();
        var before = await Task.WhenAll(names.Select(async name => (await TestDelegate.RegisteredAsync(host, "acme", token, null, name)).Id));
        await host.KillAsync();
        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var after = await Task.WhenAll(names.Select(async name => (await TestDelegate.RegisteredAsync(again, "acme", token, null, name)).Id));
        Assert.Equal(before, after);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"took {clock.Elapsed}");
        Assert.All(await again.DelegatesAsync("acme"), worker => Assert.True(worker.Connected));
    }

    [Theory]
    [InlineData("""{"hostName":"h","ng":true,"delegateType":"DOCKER"}""", "delegateName")]
    [InlineData("""{"hostName":"h","ng":true,"delegateName":"n"}""", "delegateType")]
    [InlineData("""{"delegateName":"n"}""", "hostName")]
    [InlineData("""{"hostName":"h","accountId":"rival"}""", "ACCOUNT_ID")]
    [InlineData("""{"hostName":"h","tags":["a","TAG"]}""", "tags")]
    [InlineData("""{"hostName":"h","delegateName":"TAG"}""", "delegateName")]
    [InlineData("""{"hostName":"h","tags":[MANY]}""", "65 tags")]
    public async Task A_registration_is_bounded(string body, string word)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        body = body.Replace("TAG", new string('x', 300), StringComparison.Ordinal).Replace("MANY", string.Join(',', Enumerable.Repeat("\"t\"", 65)), StringComparison.Ordinal);
        using var response = await worker.SendAsync(HttpMethod.Post, Routes.Agent.Register, new StringContent(body));
        Assert.Contains(word, await response.IsProtocolErrorAsync(HttpStatusCode.BadRequest, ProtocolErrorCode.InvalidRequest), StringComparison.Ordinal);
        Assert.Empty(await host.DelegatesAsync("acme"));
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("\"8\"", "8")]
    [InlineData("null", null)]
    public async Task The_sequence_number_comes_as_number_or_text(string json, string? echoed)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        using var response = await worker.SendAsync(HttpMethod.Post, Routes.Agent.Register,
            new StringContent($$"""{"hostName":"h","sequenceNum":{{json}},"unknown":{"a":[1]},"delegateRandomToken":"raw-secret-of-a-public-client"}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(echoed, (await response.JsonAsync()).GetProperty("resource").GetProperty("sequenceNum").GetString());
        Assert.DoesNotContain("raw-secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("raw-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_delegates_are_told_by_status_or_404()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        using var beat = await worker.HeartbeatAsync();
        Assert.Equal("DELETED", (await beat.JsonAsync()).GetProperty("resource").GetProperty("status").GetString());
        using var poll = await worker.SendAsync(HttpMethod.Get, "/api/agent/delegates/nobody/task-events");
        await poll.IsProtocolErrorAsync(HttpStatusCode.NotFound, ProtocolErrorCode.DelegateNotRegistered);
        using var leave = await worker.SendAsync(HttpMethod.Post, Routes.Agent.Unregister, new StringContent("""{"delegateId":"nobody"}"""));
        Assert.Equal(HttpStatusCode.OK, leave.StatusCode);
        using var capacity = await worker.SendAsync(HttpMethod.Post, "/api/agent/delegates/register-delegate-capacity/nobody", new StringContent("""{"maximumNumberOfBuilds":3}"""));
        Assert.Equal(HttpStatusCode.NoContent, capacity.StatusCode);
    }

    [Fact]
    public async Task A_delegate_that_unregisters_is_gone_and_its_task_fails_visibly()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", await host.CreateTokenAsync("acme"));
        var task = await host.RunAsync("acme", TaskLifeTests.Shell());
        using var acquired = await worker.AcquireAsync(task.Id);
        using var left = await worker.UnregisterAsync();
        Assert.Empty(await host.DelegatesAsync("acme"));
        var failed = await host.TaskAsync("acme", task.Id);
        Assert.Equal("FAILED", failed.Status);
        Assert.Contains("unregistered", failed.Error, StringComparison.Ordinal);
        using var beat = await worker.HeartbeatAsync();
        Assert.Equal("DELETED", (await beat.JsonAsync()).GetProperty("resource").GetProperty("status").GetString());
    }

    [Fact]
    public async Task It_is_given_a_token_for_the_log_service_that_is_its_accounts()
    {
        var secret = new string('s', 32);
        await using var host = await ManagerHost.StartAsync(configure: options => options.LogServiceSecret = secret);
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        using var response = await worker.SendAsync(HttpMethod.Get, "/api/agent/delegates/logging-token");
        var resource = (await response.JsonAsync()).GetProperty("resource");
        Assert.Equal("acme", ServiceTokens.Read(secret, resource.GetProperty("tokenValue").GetString()!, host.Now)?.AccountId);
        Assert.Equal(host.Now.AddHours(24).ToUnixTimeMilliseconds(), resource.GetProperty("expirationTimeMillis").GetInt64());
    }

    [Theory]
    [InlineData("GET", "/api/agent/delegates/configuration", false)]
    [InlineData("GET", "/api/agent/delegates/any/profile", true)]
    [InlineData("GET", "/api/agent/delegates/logging-token", true)]
    [InlineData("GET", "/api/version/delegate", true)]
    [InlineData("GET", "/api/version/watcher", true)]
    [InlineData("GET", "/api/account/acme/status", true)]
    public async Task Small_calls_answer_in_their_form(string method, string path, bool wrapped)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var worker = new TestDelegate(host, "acme", await host.CreateTokenAsync("acme"));
        using var response = await worker.SendAsync(new HttpMethod(method), path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(wrapped, (await response.JsonAsync()).TryGetProperty("responseMessages", out _));
        using var beat = await worker.SendAsync(HttpMethod.Post, "/api/agent/delegates/connectionHeartbeat/any");
        Assert.Equal(HttpStatusCode.NoContent, beat.StatusCode);
        using var unknown = await host.Agent.GetAsync(new Uri("/api/account/nobody/status", UriKind.Relative));
        await unknown.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.AccountDoesNotExist);
    }
}
