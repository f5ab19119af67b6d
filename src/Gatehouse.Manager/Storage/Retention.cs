using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.TaskOutput;
using Gatehouse.Manager.Tasks;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Storage;

/// <summary>Lets go of what is kept long enough: finished tasks with their output, delegates that never came back, revoked tokens, rested prefixes.</summary>
internal sealed class Retention(
    ManagerDatabase database, OutputStore outputs, DelegateDirectory delegates, DelegateService service, TaskBoard board, TaskWatch watch, Tokens.TokenRegistry tokens,
    ManagerOptions options, TimeProvider time)
{
    private const int BatchSize = 500;

    /// <summary>Until then a revoked token is called revoked, and not unknown (protocol sheet §4.4).</summary>
    private static readonly TimeSpan s_revokedTokens = TimeSpan.FromDays(30);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await TasksAsync(now - options.TaskRetention, cancellationToken);
        // A server that was down for long must not forget the delegates that had nobody to talk to.
        if (now - watch.ListeningSince > options.DelegateRetention)
        {
            foreach (var state in delegates.All.Where(state => now - state.LastHeartbeat > options.DelegateRetention && board.RunningCount(state.Id) == 0))
                await service.RemoveAsync(state);
        }
        await RevokedTokensAsync(now - s_revokedTokens, cancellationToken);
        await database.WriteAsync<string>(async (db, ct) =>
        {
            await db.PrefixQuarantines.Where(row => row.Until <= now).ExecuteDeleteAsync(ct);
            return "";
        }, null, cancellationToken);
    }

    private async Task TasksAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        while (true)
        {
            var ids = await database.ReadAsync((db, ct) => db.Tasks.Where(row => row.FinishedAt != null && row.FinishedAt < before)
                .OrderBy(row => row.FinishedAt).Select(row => row.Id).Take(BatchSize).ToListAsync(ct), cancellationToken);
            if (ids.Count == 0)
                return;
            await database.WriteAsync<string>(async (db, ct) =>
            {
                await db.Tasks.Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(ct);
                return "";
            }, null, cancellationToken);
            ids.ForEach(outputs.Delete);
        }
    }

    private async Task RevokedTokensAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var old = tokens.All.Where(token => token.EndedAt(before) < before).ToList();
        if (old.Count == 0)
            return;
        await database.WriteAsync<string>(async (db, ct) =>
        {
            foreach (var token in old)
                await db.Tokens.Where(row => row.AccountId == token.AccountId && row.Name == token.Name).ExecuteDeleteAsync(ct);
            return "";
        }, _ => old.ForEach(tokens.Remove), cancellationToken);
    }
}
