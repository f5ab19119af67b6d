using Gatehouse.Contracts;
using Gatehouse.Manager.Operators;
using Gatehouse.Manager.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Audit;

/// <summary>Reads and checks the audit.</summary>
internal static class AuditEndpoints
{
    private const int MaxPage = 1000;

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Operator.Audit, ListAsync).Produces<IReadOnlyList<AuditEntryView>>();
        routes.MapGet(Routes.Operator.VerifyAudit, VerifyAsync).Produces<AuditVerification>();
    }

    private static async Task<IResult> ListAsync(HttpContext context, ManagerDatabase database, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var after = Paging.After(query);
        var limit = Paging.Limit(query, 100, MaxPage);
        var account = query["account"].ToString();
        var rows = await database.ReadAsync((db, ct) => db.Audit
            .Where(row => row.Sequence > after && (account == "" || row.AccountId == account))
            .OrderBy(row => row.Sequence).Take(limit).ToListAsync(ct), cancellationToken);
        return TypedResults.Json(rows.ConvertAll(ToView), ContractsJson.Default.IReadOnlyListAuditEntryView);
    }

    private static async Task<IResult> VerifyAsync(ManagerDatabase database, CancellationToken cancellationToken)
    {
        var (previous, sequence, count) = (AuditChain.Genesis, 0L, 0L);
        long? broken = null;
        while (true)
        {
            var from = sequence;
            var page = await database.ReadAsync((db, ct) => db.Audit
                .Where(row => row.Sequence > from).OrderBy(row => row.Sequence).Take(MaxPage).ToListAsync(ct), cancellationToken);
            foreach (var row in page)
            {
                count++;
                if (broken is null && (row.Sequence != sequence + 1 || row.PreviousHash != previous || row.Hash != AuditChain.HashOf(row)))
                    broken = row.Sequence;
                (previous, sequence) = (row.Hash, row.Sequence);
            }
            if (page.Count < MaxPage)
                break;
        }
        return TypedResults.Json(new AuditVerification(broken is null, count, broken, previous), ContractsJson.Default.AuditVerification);
    }

    private static AuditEntryView ToView(AuditRow row) => new()
    {
        Sequence = row.Sequence,
        At = row.At,
        Actor = row.Actor,
        Action = row.Action,
        AccountId = row.AccountId,
        Detail = row.Detail,
        Hash = row.Hash,
        PreviousHash = row.PreviousHash,
    };
}
