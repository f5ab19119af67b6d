using System.Net.Http.Json;
using Gatehouse.Contracts;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>Calls of the revocation API, for account "acme".</summary>
internal static class RevocationCalls
{
    private const string Base = "/api/v1/accounts/acme/mtls/";

    public static async Task<ManagerHost> StartWithEndpointAsync(Action<Microsoft.Extensions.DependencyInjection.IServiceCollection>? services = null)
    {
        var host = await ManagerHost.StartAsync(services: services);
        await host.CreateAccountAsync("acme");
        await host.EnableMtlsAsync("acme", "customer1");
        return host;
    }

    public static Task<HttpResponseMessage> UploadAsync(this ManagerHost host, byte[] file, bool force = false) =>
        host.Operator.PostAsync(new Uri(Base + "crls" + (force ? "?force=true" : ""), UriKind.Relative), new ByteArrayContent(file));

    public static async Task<CrlUploadView> MustUploadAsync(this ManagerHost host, byte[] file, bool force = false)
    {
        using var response = await host.UploadAsync(file, force);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.CrlUploadView))!;
    }

    public static async Task<IReadOnlyList<CrlView>> CrlsAsync(this ManagerHost host) =>
        (await host.Operator.GetFromJsonAsync(Base + "crls", ContractsJson.Default.IReadOnlyListCrlView))!;

    public static Task<HttpResponseMessage> SetPolicyAsync(this ManagerHost host, string? policy, long? grace = null) =>
        host.Operator.PutAsJsonAsync(Base + "crl-policy", new SetCrlPolicyRequest(policy, grace), ContractsJson.Default.SetCrlPolicyRequest);

    public static Task<HttpResponseMessage> DenyAsync(this ManagerHost host, string? kind, string? value, string? issuer = null, string? note = null) =>
        host.Operator.PostAsJsonAsync(Base + "denied", new DenyRequest { Kind = kind, Value = value, Issuer = issuer, Note = note }, ContractsJson.Default.DenyRequest);

    public static async Task<IReadOnlyList<DeniedView>> DeniedAsync(this ManagerHost host) =>
        (await host.Operator.GetFromJsonAsync(Base + "denied", ContractsJson.Default.IReadOnlyListDeniedView))!;

    public static Task<HttpResponseMessage> DeleteAsync(this ManagerHost host, string path) => host.Operator.DeleteAsync(new Uri(Base + path, UriKind.Relative));

    /// <summary>What gateways are told.</summary>
    public static async Task<EndpointTrust> TrustAsync(this ManagerHost host) => Assert.Single(await host.Get<ITrustSource>().ChangesSinceAsync(0, default));
}
