using System.Security.Cryptography;
using System.Text.Json;
using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.TaskOutput;

namespace Gatehouse.Manager.Tasks;

/// <summary>A task as operators see it.</summary>
internal sealed class TaskViews(Secrets secrets, OutputStore outputs)
{
    public TaskView Of(TaskRow row) => new()
    {
        Id = row.Id,
        AccountId = row.AccountId,
        Type = row.Type,
        Status = row.State.ToString(),
        Selectors = TaskLife.ListOf(row.Selectors),
        DelegateId = row.DelegateId,
        DelegateName = row.DelegateName,
        CreatedAt = row.CreatedAt,
        StartedAt = row.StartedAt,
        FinishedAt = row.FinishedAt,
        TimeoutMs = row.Timeout,
        Result = ResultOf(row, out var unreadable),
        Error = row.Error ?? unreadable,
        OutputBytes = outputs.LengthOf(row.Id),
    };

    private JsonElement? ResultOf(TaskRow row, out string? unreadable)
    {
        unreadable = null;
        if (row.ProtectedResult is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize(
                secrets.Open(TaskService.ResultSecret, row.AccountId, row.Id, row.ProtectedResult), ContractsJson.Default.JsonElement);
        }
        catch (CryptographicException)
        {
            unreadable = "The result cannot be decrypted: the keys of the data directory are not those it was written with.";
            return null;
        }
    }
}
