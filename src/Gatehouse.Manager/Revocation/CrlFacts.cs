using System.Linq.Expressions;
using Gatehouse.Contracts;
using Gatehouse.Manager.Storage;

namespace Gatehouse.Manager.Revocation;

/// <summary>A stored CRL without its bytes: megabytes are not read for a list of names and dates.</summary>
internal sealed record CrlFacts(
    string Id, string AccountId, string Series, string Issuer, string? Number, DateTimeOffset ThisUpdate, DateTimeOffset? NextUpdate, string Sha256, int Size, int Count,
    DateTimeOffset UploadedAt)
{
    public static readonly Expression<Func<CrlRow, CrlFacts>> Columns = row => new CrlFacts(
        row.Id, row.AccountId, row.Series, row.Issuer, row.Number, row.ThisUpdate, row.NextUpdate, row.Sha256, row.Size, row.Count, row.UploadedAt);

    public static CrlFacts Of(CrlRow row) => new(
        row.Id, row.AccountId, row.Series, row.Issuer, row.Number, row.ThisUpdate, row.NextUpdate, row.Sha256, row.Size, row.Count, row.UploadedAt);

    public CrlView View(CrlPolicyView policy, DateTimeOffset now)
    {
        var age = CrlAge.Of(this, policy, now);
        return new CrlView
        {
            Id = Id,
            Issuer = Issuer,
            Number = Number,
            ThisUpdate = ThisUpdate,
            NextUpdate = NextUpdate,
            DaysLeft = NextUpdate is { } next ? Math.Round((next - now).TotalDays, 1) : null,
            State = age.Name,
            Warning = age.Warning,
            Sha256 = Sha256,
            Count = Count,
            Bytes = Size,
            UploadedAt = UploadedAt,
        };
    }
}
