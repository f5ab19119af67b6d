using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Client;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary>
/// <c>worker select-tests</c> and <c>worker report-tests</c>: read <see cref="TestOrder"/> on stdin, write their answer on stdout. What tests and their tools leave behind is
/// read in a process of its own, so its end is a kill like any other, and its memory goes with it.
/// </summary>
internal static class TestWorker
{
    internal static Task<int> SelectAsync(Stream input, Stream output, CancellationToken cancel) =>
        RunAsync(input, output, static (order, client, token) => new TestSelection(order, client).AskAsync(token), TestRunJson.Default.SelectionAnswer, cancel);

    internal static Task<int> ReportAsync(Stream input, Stream output, CancellationToken cancel) =>
        RunAsync(input, output, static (order, client, token) => new TestReports(order, client).UploadAsync(token), TestRunJson.Default.ReportAnswer, cancel);

    private static async Task<int> RunAsync<T>(
        Stream input, Stream output, Func<TestOrder, TiClient, CancellationToken, Task<T>> work, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        TestOrder? order;
        try
        {
            order = await JsonSerializer.DeserializeAsync(input, TestRunJson.Default.TestOrder, cancel);
        }
        catch (JsonException)
        {
            order = null;
        }

        if (order is null)
            return ExitCode.WrongUse;
        using var http = new AgentHttp(new AgentHttpOptions
        {
            Identity = order.CertificatePem is null ? null : ClientIdentity.Of(order.CertificatePem, order.KeyPem!),
            Trust = ServerTrust.OfPem(order.RootsPem, order.CaBundleDirectory),
            Proxy = order.Proxy is null ? null : new OutboundProxy(new Uri(order.Proxy), new ProxyBypass(order.Bypass)),
        });
        var client = new TiClient(http, order.Service, order.AccountId, order.Token, StepOf(order.Task.Step!), TimeProvider.System);
        await JsonSerializer.SerializeAsync(output, await work(order, client, cancel), type, cancel);
        return ExitCode.Done;
    }

    private static TiStep StepOf(TestStep step) => new(step.OrgId!, step.ProjectId!, step.PipelineId!, step.BuildId!, step.StageId!, step.StepId!, step.Repo!)
    {
        Sha = step.Sha ?? "",
        CommitLink = step.CommitLink ?? "",
        TargetBranch = step.TargetBranch!,
        SourceBranch = step.SourceBranch is { Length: > 0 } source ? source : step.TargetBranch!,
    };
}
