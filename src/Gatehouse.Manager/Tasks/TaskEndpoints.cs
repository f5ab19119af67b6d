using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Tasks;

/// <summary>Tasks on both listeners.</summary>
internal sealed class TaskEndpoints(
    TaskService tasks, TaskQueue queue, TaskViews views, TaskDispatcher dispatcher, DelegateDirectory delegates, ManagerDatabase database)
{
    private const int ListLength = 100;

    public void MapAgent(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Agent.TaskEvents, Events);
        routes.MapPut(Routes.Agent.Acquire, AcquireAsync);
        routes.MapPost(Routes.Agent.TaskResponse, RespondAsync);
        routes.MapPost(Routes.Agent.RunnerResponse, (string taskId, HttpContext context) => RunnerRespondAsync(taskId, context.Request.Query["delegateId"], context));
        routes.MapPost(Routes.Agent.RunnerTaskResponse, (string taskId, HttpContext context) => RunnerRespondAsync(taskId, context.Request.Query["runnerId"], context));
    }

    public void MapOperator(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Operator.Tasks, RunAsync).Reads<RunTaskRequest>().Produces<TaskView>(202);
        routes.MapGet(Routes.Operator.Tasks, ListAsync).Produces<IReadOnlyList<TaskView>>();
        routes.MapGet(Routes.Operator.Task, ShowAsync).Produces<TaskView>();
        routes.MapPost(Routes.Operator.AbortTask, AbortAsync).Produces<TaskView>();
    }

    /// <summary>The hot one: 100,000 delegates ask every 3 s, and are answered from memory. Not wrapped (sheet §12.11).</summary>
    private IResult Events(string delegateId, HttpContext context)
    {
        var caller = AgentCaller.Of(context);
        return delegates.Find(caller.AccountId, delegateId) is { } worker
            ? TypedResults.Json(new DelegateTaskEventsResponse(dispatcher.EventsFor(worker)), ContractsJson.Default.DelegateTaskEventsResponse)
            : TaskService.NotRegistered(delegateId).ProtocolError();
    }

    /// <summary>A PUT with a content type and no body (sheet §12.2): nothing is read.</summary>
    private async Task<IResult> AcquireAsync(string delegateId, string taskId, HttpContext context, CancellationToken cancellationToken) =>
        (await tasks.AcquireAsync(AgentCaller.Of(context), delegateId, taskId, context.Request.Query["delegateInstanceId"], cancellationToken)).Succeeded(out var package, out var fault)
            ? TypedResults.Json(package, ContractsJson.Default.DelegateTaskPackage)
            : fault.ProtocolError();

    private async Task<IResult> RespondAsync(string taskId, string delegateId, HttpContext context)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.DelegateTaskResponse)).Succeeded(out var body, out var fault) ||
            !TaskAnswer.Of(body).Succeeded(out var answer, out fault))
            return fault.ProtocolError();
        return await AnsweredAsync(context, delegateId, taskId, answer);
    }

    private async Task<IResult> RunnerRespondAsync(string taskId, string? delegateId, HttpContext context)
    {
        if (string.IsNullOrEmpty(delegateId))
            return Fault.Of(ProtocolErrorCode.InvalidRequest, "The query does not name the delegate.").ProtocolError();
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.RunnerResponse)).Succeeded(out var body, out var fault) ||
            !TaskAnswer.Of(body).Succeeded(out var answer, out fault))
            return fault.ProtocolError();
        return await AnsweredAsync(context, delegateId, taskId, answer);
    }

    /// <summary>Once the body is read, a caller that hangs up does not undo the answer.</summary>
    private async Task<IResult> AnsweredAsync(HttpContext context, string delegateId, string taskId, TaskAnswer answer) =>
        await tasks.RespondAsync(AgentCaller.Of(context), delegateId, taskId, answer, CancellationToken.None) is { } fault
            ? fault.ProtocolError()
            : TypedResults.NoContent();

    private async Task<IResult> RunAsync(string accountId, HttpContext context, CancellationToken cancellationToken)
    {
        if (!(await RequestBody.ReadJsonAsync(context, ContractsJson.Default.RunTaskRequest)).Succeeded(out var body, out var fault) ||
            !(await queue.QueueAsync(accountId, body, cancellationToken)).Succeeded(out var row, out fault))
            return fault.Problem(context);
        return TypedResults.Json(views.Of(row), ContractsJson.Default.TaskView, statusCode: StatusCodes.Status202Accepted);
    }

    private async Task<IResult> ListAsync(string accountId, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync((db, ct) => db.Tasks.Where(row => row.AccountId == accountId)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(ListLength).ToListAsync(ct), cancellationToken);
        return TypedResults.Json(rows.ConvertAll(views.Of), ContractsJson.Default.IReadOnlyListTaskView);
    }

    private async Task<IResult> ShowAsync(string accountId, string taskId, HttpContext context, CancellationToken cancellationToken) =>
        await database.ReadAsync((db, ct) => TaskStore.FindAsync(db, accountId, taskId, ct), cancellationToken) is { } row
            ? TypedResults.Json(views.Of(row), ContractsJson.Default.TaskView)
            : TaskQueue.NotFound(taskId).Problem(context);

    private async Task<IResult> AbortAsync(string accountId, string taskId, HttpContext context, CancellationToken cancellationToken) =>
        (await queue.AbortAsync(accountId, taskId, cancellationToken)).Succeeded(out var row, out var fault)
            ? TypedResults.Json(views.Of(row), ContractsJson.Default.TaskView)
            : fault.Problem(context);
}
