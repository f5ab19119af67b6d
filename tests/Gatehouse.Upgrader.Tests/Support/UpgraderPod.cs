using Gatehouse.Testing;

namespace Gatehouse.Upgrader.Tests.Support;

/// <summary>A pod of the upgrader's CronJob: its files, its variables, and one run of the program.</summary>
internal sealed class UpgraderPod : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private UpgraderPod(TemporaryDirectory directory, TestCluster cluster)
    {
        _directory = directory;
        Cluster = cluster;
        Variables["KUBERNETES_SERVICE_HOST"] = "127.0.0.1";
        Variables["KUBERNETES_SERVICE_PORT"] = $"{cluster.Port}";
        Variables["HOSTNAME"] = "build-farm-upgrader-29412360-x7k2p";
        // On the way to the cluster no proxy counts, and on the way to loopback none either.
        Variables["HTTPS_PROXY"] = "http://proxy.invalid:3128";
    }

    public TestCluster Cluster { get; }

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Lines of <c>config.yaml</c>.</summary>
    public List<string> Config { get; } = [];

    public static async Task<UpgraderPod> StartAsync()
    {
        var directory = new TemporaryDirectory();
        return new UpgraderPod(directory, await TestCluster.StartAsync(directory));
    }

    /// <summary>A pod that is set up for an account, with a client certificate or without.</summary>
    public static async Task<UpgraderPod> StartAsync(GatehouseServer server, TestAccount account, OpenSsl.Pair? client)
    {
        var pod = await StartAsync();
        pod.Variables["UPGRADER_TOKEN"] = account.Token;
        pod.Variables["UPGRADER_CA_BUNDLE_DIR"] = server.Roots;
        pod.Config.AddRange(
        [
            "mode: Delegate", "dryRun: false", "workloadName: build-farm", "namespace: delegates", "containerName: delegate",
            "delegateConfig:", $"  accountId: {account.Id}", $"  managerHost: {account.Manager}",
        ]);
        if (client is not null)
        {
            pod.Config.AddRange([$"clientCertificateFilePath: {client.Certificate}", $"clientCertificateKeyFilePath: {client.Key}"]);
        }

        return pod;
    }

    public async Task<Run> RunAsync(params string[] words)
    {
        var config = _directory.File("config.yaml");
        await File.WriteAllLinesAsync(config, Config);
        var (arguments, wrong) = Arguments.Parse([$"--config={config}", "--service-account", Cluster.ServiceAccount, .. words]);
        Assert.Null(wrong);
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await RunCommand.ExecuteAsync(arguments!, name => Variables.GetValueOrDefault(name), output, error);
        // Exactly one line, whatever happens.
        var line = Assert.Single(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return new Run(code, line, error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>What a run came to.</summary>
internal sealed record Run(int ExitCode, string Line, string Error);
