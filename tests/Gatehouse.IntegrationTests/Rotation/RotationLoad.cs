using Gatehouse.Client;
using Gatehouse.Delegate;
using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>Twenty requests a second of a second delegate in this process, which watches the same files; every one is counted, and none is repeated.</summary>
internal sealed class RotationLoad : IDisposable
{
    private readonly DelegateClient _client;
    private readonly ClientIdentity _identity;
    private readonly DelegateSelf _self;
    private readonly AgentHttp _http;
    private readonly List<string> _failures = [];
    private long _requests;

    internal RotationLoad(GatehouseSystem system, string account, string host, string token, OpenSsl.Pair files)
    {
        var (settings, problems) = SettingsReader.Read(new Dictionary<string, string>
        {
            ["ACCOUNT_ID"] = account,
            ["DELEGATE_TOKEN"] = token,
            ["DELEGATE_NAME"] = "load",
            ["MANAGER_HOST_AND_PORT"] = $"https://{host}:{system.AgentPort}",
            ["DELEGATE_CA_BUNDLE_DIR"] = system.Directory.File("server-roots"),
            ["DELEGATE_CLIENT_CERTIFICATE_PATH"] = files.Certificate,
            ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH"] = files.Key,
        }, "load");
        Assert.True(settings is not null, string.Join('\n', problems));
        _identity = ClientIdentity.Load(new IdentityFiles(files.Certificate, files.Key, settings.CaBundleDirectory), TimeProvider.System, Assert.Fail);
        _self = new DelegateSelf(settings, "127.0.0.1", [], TimeProvider.System);
        _http = new AgentHttp(new AgentHttpOptions { Identity = _identity });
        _client = new DelegateClient(
            _http, settings.Manager, new DelegateCredential(settings.Token, account, "load", settings.Manager.Origin.GetLeftPart(UriPartial.Authority), TimeProvider.System), account, "1.0.0", TimeProvider.System);
    }

    internal LoadSums Sums => new(_requests, _http.Unanswered, _identity.Reloads, _identity.FailedReloads, _failures);

    internal async Task RunAsync(CancellationToken stop)
    {
        using var endWatch = new CancellationTokenSource();
        var watching = _identity.WatchAsync(endWatch.Token);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var id = (await _client.RegisterAsync(_self.Parameters(null, []), CancellationToken.None)).DelegateId!;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // Each request is let end: one that is cancelled would have to be told from one that failed.
                if (_requests++ % 10 == 0)
                    await _client.HeartbeatAsync(_self.Parameters(id, []), CancellationToken.None);
                else
                    await _client.TaskEventsAsync(id, CancellationToken.None);
            }
            catch (Exception failure)
            {
                _failures.Add(failure.ToString());
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await endWatch.CancelAsync();
        await watching;
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }
}

/// <summary>What came of the load.</summary>
internal sealed record LoadSums(long Requests, long Unanswered, long Reloads, long FailedReloads, IReadOnlyList<string> Failures);
