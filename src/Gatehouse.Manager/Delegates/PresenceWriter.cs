using System.Data.Common;
using System.Text.Json;
using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gatehouse.Manager.Delegates;

/// <summary>Writes what heartbeats changed, in batches: one commit for many delegates, and short ones so that other writers get in between.</summary>
internal sealed class PresenceWriter(ManagerDatabase database, DelegateDirectory delegates, ManagerMetrics metrics)
{
    private const int BatchSize = 500;

    /// <summary>One statement for both databases: quoted names, numbers and text only.</summary>
    private const string Sql =
        "UPDATE \"delegates\" SET \"LastHeartbeat\" = @heartbeat, \"ClockSkew\" = @skew, \"Origin\" = @origin, \"TokenName\" = @token, \"Capacity\" = @capacity WHERE \"Id\" = @id";

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in delegates.All.Where(state => state.TakeDirty()).Chunk(BatchSize))
        {
            try
            {
                await database.WriteAsync<string>(async (db, ct) =>
                {
                    await WriteAsync(db, batch, ct);
                    return "";
                }, null, cancellationToken);
                metrics.HeartbeatsWritten(batch.Length);
            }
            catch
            {
                foreach (var state in batch)
                    state.MarkDirty(); // For the next time.
                throw;
            }
        }
    }

    private static async Task WriteAsync(ManagerDbContext db, DelegateState[] batch, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandText = Sql;
        DbParameter heartbeat = Add(command, "@heartbeat"), skew = Add(command, "@skew"), origin = Add(command, "@origin"),
            token = Add(command, "@token"), capacity = Add(command, "@capacity"), id = Add(command, "@id");
        foreach (var state in batch)
        {
            heartbeat.Value = state.LastHeartbeat.ToUnixTimeMilliseconds();
            skew.Value = state.ClockSkew ?? (object)DBNull.Value;
            origin.Value = JsonSerializer.Serialize(state.Origin, ManagerJson.Default.DelegateOrigin);
            token.Value = state.TokenName ?? (object)DBNull.Value;
            capacity.Value = state.Capacity ?? (object)DBNull.Value;
            id.Value = state.Id;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static DbParameter Add(DbCommand command, string name)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
