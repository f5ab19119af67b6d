using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Delegates;

/// <summary>The delegate's own calls (protocol sheet §5.2), and the operators' list.</summary>
internal sealed class DelegateEndpoints(DelegateService service, DelegateDirectory delegates, DelegateViews views, AccountRegistry accounts, IServiceTokenIssuer serviceTokens, TimeProvider time)
{
    private static readonly TimeSpan s_askAgain = TimeSpan.FromHours(24);
    private static readonly string s_version = typeof(DelegateEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public void MapAgent(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Agent.Register, (Delegate)RegisterAsync);
        routes.MapPost(Routes.Agent.Heartbeat, (Delegate)HeartbeatAsync);
        routes.MapPost(Routes.Agent.Unregister, (Delegate)UnregisterAsync);
        routes.MapPost(Routes.Agent.Capacity, CapacityAsync);
        routes.MapPost(Routes.Agent.ConnectionHeartbeat, (string delegateId) => TypedResults.NoContent()); // Kept for old agents; does nothing.
        routes.MapGet(Routes.Agent.Configuration, () => TypedResults.Json(
            new DelegateConfiguration { DelegateVersions = [s_version], ValidTillNextRelease = true }, ContractsJson.Default.DelegateConfiguration));
        routes.MapGet(Routes.Agent.Profile, (string delegateId) => Answers.Wrapped<DelegateProfile>(null, ContractsJson.Default.RestResponseDelegateProfile));
        // The log service's token (log and TI sheet §2): once 24 hours of it are over, its users ask for another.
        routes.MapGet(Routes.Agent.LoggingToken, (HttpContext context) => Answers.Wrapped(LoggingTokenOf(AgentCaller.Of(context).AccountId), ContractsJson.Default.RestResponseLoggingToken));
    }

    /// <summary>Empty, and over already, when this server knows no log service's secret.</summary>
    private LoggingToken LoggingTokenOf(string accountId) => serviceTokens.Issue(AgentService.Log, accountId) is { } token
        ? new LoggingToken(accountId, token, (time.GetUtcNow() + s_askAgain).ToUnixTimeMilliseconds())
        : new LoggingToken(accountId, "", time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Public ones: no token, no admission (sheet §3.4). They tell nothing but whether an account is there.</summary>
    public void MapPublic(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Agent.AccountStatus, (string accountId) => accounts.Exists(accountId)
            ? Answers.Wrapped("ACTIVE", ContractsJson.Default.RestResponseString)
            : Fault.Of(ProtocolErrorCode.AccountDoesNotExist, $"There is no account '{Bounded.Text(accountId, 64)}' here. Check ACCOUNT_ID.").ProtocolError());
        routes.MapGet(Routes.Agent.VersionDelegate, Versions);
        routes.MapGet(Routes.Agent.VersionWatcher, Versions);
    }

    public void MapOperator(IEndpointRouteBuilder routes) => routes.MapGet(Routes.Operator.Delegates, (string accountId) => TypedResults.Json(
            [.. delegates.Of(accountId).OrderBy(state => state.Facts.Name, StringComparer.Ordinal).ThenBy(state => state.Id, StringComparer.Ordinal).Select(views.Of)],
            ContractsJson.Default.IReadOnlyListDelegateView)).Produces<IReadOnlyList<DelegateView>>();

    private async Task<IResult> RegisterAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.DelegateParams)).Succeeded(out var body, out var fault) ||
            !(await service.RegisterAsync(AgentCaller.Of(context), body, cancellationToken)).Succeeded(out var state, out fault))
            return fault.ProtocolError();
        return Answers.Wrapped(
            new DelegateRegisterResponse { DelegateId = state.Id, SequenceNum = body.SequenceNum }, ContractsJson.Default.RestResponseDelegateRegisterResponse);
    }

    private async Task<IResult> HeartbeatAsync(HttpContext context)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.DelegateParams)).Succeeded(out var body, out var fault) ||
            !service.Heartbeat(AgentCaller.Of(context), body).Succeeded(out var beat, out fault))
            return fault.ProtocolError();
        return Answers.Wrapped(
            new DelegateHeartbeatResponse
            {
                DelegateId = body.DelegateId,
                Status = beat.State is null ? DelegateService.Deleted : DelegateService.Enabled,
                SequenceNumber = body.SequenceNum,
            }, ContractsJson.Default.RestResponseDelegateHeartbeatResponse);
    }

    private async Task<IResult> UnregisterAsync(HttpContext context)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.UnregisterDelegateRequest)).Succeeded(out var body, out var fault))
            return fault.ProtocolError();
        await service.UnregisterAsync(AgentCaller.Of(context), body);
        return Answers.WrappedNothing();
    }

    /// <summary>Kept, used for nothing, as upstream; an unknown delegate is no error.</summary>
    private async Task<IResult> CapacityAsync(string delegateId, HttpContext context)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.DelegateCapacityRequest)).Succeeded(out var body, out var fault))
            return fault.ProtocolError();
        if (delegates.Find(AgentCaller.Of(context).AccountId, delegateId) is { } state)
        {
            state.Capacity = body.MaximumNumberOfBuilds;
            state.MarkDirty();
        }
        return TypedResults.NoContent();
    }

    private static IResult Versions() => Answers.Wrapped<IReadOnlyList<string>>([s_version], ContractsJson.Default.RestResponseIReadOnlyListString);
}
