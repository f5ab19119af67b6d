using System.Net;
using System.Text;
using Gatehouse.Contracts;
using Gatehouse.TestIntelligence.Tests.Harness;

namespace Gatehouse.TestIntelligence.Tests;

public sealed class WhenRequestsComeIn
{
    private const string Summary = $"reports/summary?{TiHost.Q}&report=junit";

    [Fact]
    public async Task Health_is_asked_without_a_token()
    {
        await using var host = await TiHost.StartAsync();
        using var client = new HttpClient { BaseAddress = host.Client.BaseAddress };
        Assert.Equal("OK", await client.GetStringAsync(new Uri("healthz", UriKind.Relative)));
        Assert.Equal("OK", await client.GetStringAsync(new Uri("ready/healthz", UriKind.Relative)));
    }

    [Fact]
    public async Task A_manager_gets_tokens_with_the_global_one_and_runners_use_them_with_and_without_padding()
    {
        await using var host = await TiHost.StartAsync();
        using var response = await SendAsync(host, "token?accountId=acme", TiHost.GlobalToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        var token = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain('=', token);
        foreach (var form in new[] { token, token.PadRight((token.Length + 3) / 4 * 4, '=') })
        {
            using var used = await SendAsync(host, Summary, form);
            Assert.Equal(HttpStatusCode.OK, used.StatusCode);
        }
    }

    [Theory]
    [InlineData("token?accountId=acme", "wrong")]
    [InlineData("token?accountId=acme", null)]
    [InlineData("token", TiHost.GlobalToken)]
    [InlineData(Summary, "wrong")]
    [InlineData(Summary, null)]
    [InlineData(Summary, TiHost.GlobalToken)]
    [InlineData("reports/summary?orgId=default", null)]
    public async Task Whatever_is_wrong_with_account_or_token_is_a_bad_request(string path, string? token)
    {
        await using var host = await TiHost.StartAsync();
        using var response = await SendAsync(host, path, token);
        Assert.NotEmpty(await response.ErrorAsync(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_token_is_good_for_its_account_and_its_time_only()
    {
        await using var host = await TiHost.StartAsync();
        using var other = await SendAsync(host, Summary, host.Token("other"));
        Assert.Contains("another account", await other.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        var token = host.Token("acme");
        host.Time.Advance(ServiceTokens.Lifetime);
        using var late = await SendAsync(host, Summary, token);
        Assert.Contains("time is over", await late.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Summary)]
    [InlineData("token?accountId=acme")]
    public async Task Who_is_not_admitted_is_refused_before_any_token_is_looked_at(string path)
    {
        await using var host = await TiHost.StartAsync();
        host.Admission.Strict.Add("acme");
        using var response = await SendAsync(host, path, null);
        Assert.Equal("strict", await response.ErrorAsync(HttpStatusCode.Forbidden));
        Assert.Equal("mtls_required", Assert.Single(response.Headers.GetValues(HeaderNames.GatehouseRefusal)));

        host.Admission.Strict.Clear();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Test-No-Gateway", "1");
        using var outside = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, outside.StatusCode);
    }

    [Theory]
    [InlineData("reports/write?accountId=acme&orgId=default&projectId=shop&pipelineId=ci&buildId=1&stageId=build&report=junit", "stepId")]
    [InlineData("reports/write?accountId=acme&orgId=default&pipelineId=ci&buildId=1&stageId=build&stepId=test&report=junit", "projectId")]
    [InlineData($"reports/write?{TiHost.Q}", "report")]
    public async Task A_missing_value_is_named(string path, string missing)
    {
        await using var host = await TiHost.StartAsync();
        using var response = await host.PostAsync(path, "[]");
        Assert.Contains(missing, await response.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pageIndex=-1")]
    [InlineData("pageSize=0")]
    [InlineData("pageSize=many")]
    [InlineData("sort=colour")]
    [InlineData("order=sideways")]
    [InlineData("status=passed")]
    [InlineData("orgId=twice")]
    public async Task A_bad_value_is_named(string query)
    {
        await using var host = await TiHost.StartAsync();
        using var response = await host.GetAsync($"reports/test_cases?{TiHost.Q}&report=junit&{query}");
        Assert.Contains(query.Split('=')[0], await response.ErrorAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_answer_is_compressed_for_whom_asks()
    {
        await using var host = await TiHost.StartAsync();
        var cases = "[" + string.Join(',', Enumerable.Range(0, 50).Select(i => $$$"""{"name":"test number {{{i}}}","class_name":"C","result":{"status":"passed"}}""")) + "]";
        using var written = await host.PostAsync($"reports/write?{TiHost.Q}&report=junit", cases);
        var path = $"reports/test_cases?{TiHost.Q}&report=junit&pageSize=50";
        using var plain = await host.GetAsync(path);
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Accept-Encoding", "gzip");
        using var packed = await host.Client.SendAsync(request);
        Assert.Equal("gzip", Assert.Single(packed.Content.Headers.ContentEncoding));
        await using var unpacked = new System.IO.Compression.GZipStream(await packed.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        Assert.Equal(await plain.Content.ReadAsStringAsync(), await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task A_damaged_database_is_put_aside_and_begun_anew()
    {
        var data = Directory.CreateTempSubdirectory("gatehouse-ti-").FullName;
        Directory.CreateDirectory(Path.Combine(data, "ti"));
        await File.WriteAllTextAsync(Path.Combine(data, "ti", "ti.db"), "this is no database, and long enough to be looked at as one; " + new string('x', 4096));
        await using (var host = await TiHost.StartAsync(data))
        {
            host.ErrorsExpected = true;
            Assert.Contains("damaged", Assert.Single(host.Log.Errors), StringComparison.Ordinal);
            Assert.Equal(0, (await host.JsonAsync(Summary)).GetProperty("total_tests").GetInt32());
            Assert.Single(Directory.GetFiles(Path.Combine(data, "ti"), "ti.db.damaged-*"));
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task An_unknown_call_is_named()
    {
        await using var host = await TiHost.StartAsync();
        using var response = await host.GetAsync("no/such?accountId=acme");
        Assert.Contains("/no/such", await response.ErrorAsync(HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(TiHost host, string path, string? token)
    {
        using var client = new HttpClient { BaseAddress = host.Client.BaseAddress };
        if (token is not null)
            client.DefaultRequestHeaders.Add("X-Harness-Token", token);
        return await client.GetAsync(new Uri(path, UriKind.Relative));
    }
}
