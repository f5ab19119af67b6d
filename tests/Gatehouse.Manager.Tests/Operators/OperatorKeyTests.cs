using System.Net;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Tests.Harness;

namespace Gatehouse.Manager.Tests.Operators;

public sealed class OperatorKeyTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task Every_operator_route_demands_the_key_and_says_where_it_is(string? key)
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        using var client = new HttpClient { BaseAddress = host.Operator.BaseAddress };
        if (key is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation(HeaderNames.ApiKey, key);
        foreach (var path in (string[])["/api/v1/accounts", "/api/v1/accounts/acme/tokens", "/api/v1/accounts/nobody/tokens", "/api/v1/audit", "/api/v1/refusals", "/api/v1/nothing"])
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Contains("operator.key", await response.IsProblemAsync(HttpStatusCode.Unauthorized, "invalid_api_key"), StringComparison.Ordinal);
        }
        using var mtls = await client.GetAsync(new Uri(Routes.Mtls.Endpoint + "?accountId=acme", UriKind.Relative));
        await mtls.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidCredential);
    }

    [Fact]
    public async Task The_key_is_made_once_and_private()
    {
        await using var host = await ManagerHost.StartAsync();
        var file = Path.Combine(host.Data, "operator.key");
        var key = await File.ReadAllTextAsync(file);
        Assert.Matches("^[0-9a-f]{64}\n$", key);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await host.KillAsync();
        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data));
        Assert.Equal(key, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_key_file_without_a_key_stops_the_start()
    {
        var data = Directory.CreateTempSubdirectory("gatehouse-manager-");
        data.CreateSubdirectory("data");
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "data", "operator.key"), "\n");
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ManagerHost.StartAsync(data.FullName));
        Assert.Contains("operator.key", e.Message, StringComparison.Ordinal);
        data.Delete(recursive: true);
    }
}
