using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Client;

/// <summary>
/// Asks the manager which image to run (manager sheet §7.2). Both calls throw <see cref="RequestRefusedException"/> when the answer is no,
/// <see cref="ConnectionFailedException"/> when there is none, and <see cref="OperationCanceledException"/> only when the caller cancels.
/// </summary>
public sealed class UpgradeClient : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly AgentHttp _http;
    private readonly AgentTransport _transport;

    /// <summary>Makes one.</summary>
    /// <param name="http">Connections; owned from here on.</param>
    /// <param name="manager">Where to.</param>
    /// <param name="credential">Shown with each call.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="version">The upgrader's version, sent as <c>User-Agent: upgrader/…</c>.</param>
    /// <param name="time">The clock of the limits.</param>
    public UpgradeClient(AgentHttp http, ManagerAddress manager, DelegateCredential credential, string accountId, string version, TimeProvider time)
    {
        _http = http;
        _transport = new AgentTransport(http, manager, credential, accountId, $"upgrader/{version}", time);
    }

    /// <summary>The image for a group of delegates.</summary>
    /// <param name="currentImage">The whole reference in use.</param>
    /// <param name="group">The delegates' group: the name of their Deployment.</param>
    /// <param name="cancel">The caller's.</param>
    public Task<UpgradeCheck> DelegateAsync(string currentImage, string group, CancellationToken cancel) =>
        AskAsync(Routes.Agent.UpgradeCheckDelegateV2, [("currentDelegateImageTag", currentImage), ("delegateGroupName", group)], cancel);

    /// <summary>The image for upgraders.</summary>
    /// <param name="currentImage">The whole reference in use.</param>
    /// <param name="cancel">The caller's.</param>
    public Task<UpgradeCheck> UpgraderAsync(string currentImage, CancellationToken cancel) =>
        AskAsync(Routes.Agent.UpgradeCheckUpgrader, [("currentUpgraderImageTag", currentImage)], cancel);

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<UpgradeCheck> AskAsync(string route, IReadOnlyList<(string, string)> query, CancellationToken cancel)
    {
        var address = _transport.Manager.At(route, [], [("accountId", _transport.AccountId), .. query]);
        var answer = await _transport.SendAsync(HttpMethod.Get, address, null, null, ContractsJson.Default.RestResponseUpgradeCheck, s_limit, cancel);
        return answer?.Resource is { ImageTag.Length: > 0 } check
            ? check
            : throw new RequestRefusedException("upgrade_check_empty", $"{_transport.Manager} answered the upgrade check without an image.", "Check that the address is a manager's.");
    }
}
