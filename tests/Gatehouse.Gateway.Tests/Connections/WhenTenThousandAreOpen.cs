using System.Diagnostics;
using Gatehouse.Contracts;
using Gatehouse.Testing;
using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests.Connections;

/// <summary>
/// Ten thousand connections of one account are judged again, and ended, within the second that is promised: by the processor time of all that it takes, which a
/// machine that is busy with something else does not make longer. Real ones: <see cref="WhenThousandsAreConnected"/>, and <c>./bench change</c>.
/// </summary>
[Collection(nameof(Alone))]
public sealed class WhenTenThousandAreOpen(ITestOutputHelper output)
{
    private const int Count = 10_000;
    private static readonly TimeSpan s_grace = new GatewayOptions { AgentDomain = "", SharedHosts = [], CertificatePath = "", CertificateKeyPath = "" }.RevocationGrace;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>A hundred connections of each certificate.</summary>
    private static readonly List<PresentedChain> s_clients = [.. Enumerable.Range(0, Count / 100).Select(i => LiveScene.Client(LiveScene.Ca, i))];

    [Fact]
    public Task Strict_ends_those_without_a_certificate_and_none_with_one() => PromisedAsync(async scene =>
    {
        var plain = scene.Open(Count, PresentedChain.None);
        var mtls = scene.Open(Count, s_clients[0]);
        var watch = Stopwatch.StartNew();
        var used = await MeasuredAsync(plain, () =>
        {
            scene.Set(MtlsMode.STRICT, LiveScene.Ca);
            Assert.True(watch.Elapsed < s_limit, "The change waits for what is open.");
            return Task.CompletedTask;
        });
        Assert.All(plain, c => Assert.True(c.WasAsked));
        Assert.All(mtls, c => Assert.Null(c.Connection.RevokedBecause));
        await Eventually.TrueAsync("all looked at", () => Task.FromResult(mtls.TrueForAll(c => c.Connection.Endpoint!.Generation == scene.Generation)));
        Assert.Equal(Count, scene.Refusals);
        return used;
    });

    [Fact]
    public Task Another_CA_of_the_same_name_ends_all_of_them() => PromisedAsync(async scene =>
    {
        var open = OpenAll(scene);
        var used = await MeasuredAsync(open, () =>
        {
            scene.Set(MtlsMode.LOOSE, LiveScene.OtherCa);
            return Task.CompletedTask;
        });
        Assert.All(open, c => Assert.Equal(RefusalCode.CertificateUnknownCa, c.Connection.RevokedBecause!.Code));
        return used;
    });

    /// <summary>A fleet's certificates end together when their CA does.</summary>
    [Fact]
    public Task Those_that_end_together_are_ended_together() => PromisedAsync(async scene =>
    {
        var open = OpenAll(scene);
        scene.Time.Offset = TimeSpan.FromDays(200);
        var used = await MeasuredAsync(open, scene.Live.ExpireVerdictsAsync);
        Assert.All(open, c => Assert.Equal(RefusalCode.CertificateExpired, c.Connection.RevokedBecause!.Code));
        return used;
    });

    private static List<LiveScene.OpenConnection> OpenAll(LiveScene scene) => [.. s_clients.SelectMany(client => scene.Open(Count / s_clients.Count, client))];

    /// <summary>Processor time of the process until the last one is gone, and the grace that each has: what one core would take that has nothing else to do.</summary>
    private async Task<TimeSpan> MeasuredAsync(List<LiveScene.OpenConnection> ending, Func<Task> change)
    {
        var all = Task.WhenAll(ending.Select(c => c.Ended));
        var (before, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        await change();
        await all.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        var used = Environment.CpuUsage.TotalTime - before;
        output.WriteLine($"{ending.Count} were gone after {watch.ElapsedMilliseconds} ms; {(long)used.TotalMilliseconds} ms of processor time.");
        return used + s_grace;
    }

    private static Task PromisedAsync(Func<LiveScene, Task<TimeSpan>> once) => Promised.WithinAsync(
        Limits.TrustChangeEffective,
        async () =>
        {
            using var scene = new LiveScene(s_grace);
            return await once(scene);
        },
        again: () => Task.CompletedTask);
}
