using Gatehouse.Contracts;
using Gatehouse.Manager.Accounts;
using Gatehouse.Manager.Delegates;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Tasks;
using Gatehouse.Manager.Tests.Harness;
using Gatehouse.Manager.Tokens;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Tests.Storage;

/// <summary>What the model wrote, read at the next start without it: each column where it belongs, also where there is nothing in it.</summary>
public sealed class StoredRowsTests
{
    private const string Facts = """{"Name":"n","HostName":"zürich","Tags":["a"],"TaskTypes":[]}""";
    private static readonly DateTimeOffset s_at = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_start_reads_what_the_model_wrote()
    {
        await using var host = await ManagerHost.StartAsync();
        var key = host.Get<Secrets>().Seal(TokenRegistry.SecretKind, "acme", "old", [1, 2, 3]);
        await WriteAsync(host, db =>
        {
            db.AddRange(new AccountRow { Id = "acme", Name = "Acme ÄG", CreatedAt = At(1) }, new AccountRow { Id = "plain", Name = "plain", CreatedAt = At(2) });
            db.AddRange(
                new EndpointRow { AccountId = "acme", Uuid = "u", DomainPrefix = "a", Fqdn = "a.agent.localhost", VanityHost = "agents.acme.test", Mode = MtlsMode.LOOSE, CaCertificates = TestCa.Pem, Generation = 7, CrlPolicy = StaleCrlPolicy.Grace, CrlGrace = 60 },
                new EndpointRow { AccountId = "plain", Uuid = "v", DomainPrefix = "b", Fqdn = "b.agent.localhost", Mode = MtlsMode.STRICT, CaCertificates = TestCa.Pem, Generation = 8 });
            db.Add(new EndpointTombstoneRow { AccountId = "gone", Generation = 6, DeletedAt = At(3) });
            db.AddRange(Crl("2", [2]), Crl("1", [1]));
            db.AddRange(Denied("2", DenyBy.Sha256, "BB", ""), Denied("1", DenyBy.Serial, "AA", "#30"));
            db.AddRange(
                new TokenRow { AccountId = "acme", Name = "old", ProtectedValue = key, CreatedAt = At(4), RevokeAfter = At(5), RevokedAt = At(6) },
                new TokenRow { AccountId = "acme", Name = "new", ProtectedValue = host.Get<Secrets>().Seal(TokenRegistry.SecretKind, "acme", "new", [4]), CreatedAt = At(7) });
            db.AddRange(
                new DelegateRow { Id = "d1", AccountId = "acme", Facts = Facts, Origin = """{"Authority":"x"}""", TokenName = "old", Capacity = 5, RegisteredAt = At(8), LastHeartbeat = At(9), ClockSkew = -17 },
                new DelegateRow { Id = "d2", AccountId = "acme", Facts = Facts.Replace("\"n\"", "\"m\"", StringComparison.Ordinal), Origin = "{}", RegisteredAt = At(10), LastHeartbeat = At(11) });
            db.AddRange(
                Queued("t1"),
                Started("t2", At(13), null),
                Started("t3", null, "worker"),
                new TaskRow { Id = "t4", AccountId = "acme", Type = "T", Selectors = "[]", ProtectedData = [], State = TaskState.FAILED });
        });
        await host.KillAsync();

        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        var accounts = again.Get<AccountRegistry>();
        Assert.Equal([new("acme", "Acme ÄG", At(1)), new("plain", "plain", At(2))], accounts.Page("", 9));

        var trust = (await again.Get<ITrustSource>().ChangesSinceAsync(0, default)).OrderBy(change => change.Generation).ToList();
        Assert.Equal(
            [("gone", 6L, null, null, null), ("acme", 7, "a.agent.localhost", "agents.acme.test", MtlsMode.LOOSE), ("plain", 8, "b.agent.localhost", (string?)null, (MtlsMode?)MtlsMode.STRICT)],
            trust.Select(change => (change.AccountId, change.Generation, change.Fqdn, change.VanityHost, change.Mode)));
        Assert.All(trust[1..], change => Assert.Equal(BundleMemory.DerOf(TestCa.Pem).ToArray(), change.CaCertificates.ToArray()));
        var revocation = trust[1].Revocation!;
        Assert.Equal((StaleCrlPolicy.Grace, TimeSpan.FromMinutes(1)), (revocation.CrlPolicy, revocation.CrlGrace));
        Assert.Equal([[1], [2]], revocation.Crls.Select(crl => crl.ToArray()));
        Assert.Equal([new(DenyBy.Serial, "AA", "#30"), new(DenyBy.Sha256, "BB", null)], revocation.Denied);
        Assert.Null(trust[2].Revocation);

        Assert.Equal(
            [("old", At(4), At(5), At(6), 3), ("new", At(7), (DateTimeOffset?)null, (DateTimeOffset?)null, 1)],
            again.Get<TokenRegistry>().Of("acme").Select(token => (token.Name, token.CreatedAt, token.RevokeAfter, token.RevokedAt, token.Key!.Length)));

        var delegates = again.Get<DelegateDirectory>();
        var (one, two) = (delegates.Find("acme", "d1")!, delegates.Find("acme", "d2")!);
        Assert.Equal(("zürich", "x", "old", 5, At(8), At(9), -17L), (one.Facts.HostName, one.Origin.Authority, one.TokenName, one.Capacity, one.RegisteredAt, one.LastHeartbeat, one.ClockSkew));
        Assert.Equal(("m", null, null, null, At(10), At(11), (long?)null), (two.Facts.Name, two.Origin.Authority, two.TokenName, two.Capacity, two.RegisteredAt, two.LastHeartbeat, two.ClockSkew));

        var board = again.Get<TaskBoard>();
        var queued = Assert.Single(board.Queued);
        Assert.Equal(("t1", "SCRIPT", At(12), TimeSpan.FromSeconds(9)), (queued.Id, queued.Type, queued.CreatedAt, queued.Timeout));
        Assert.Equal(["d9"], queued.TriedBy);
        Assert.Equal(
            [("t2", "d1", "d1", At(12), true), ("t3", "d1", "worker", At(12), false)],
            board.Running.OrderBy(task => task.Id).Select(task => (task.Id, task.DelegateId, task.DelegateName, task.StartedAt, task.AbortDeadline is not null)));
    }

    [Fact]
    public async Task What_this_version_does_not_know_ends_the_start()
    {
        await using var host = await ManagerHost.StartAsync();
        await WriteAsync(host, db =>
        {
            db.Add(new AccountRow { Id = "acme", Name = "acme" });
            db.Add(new EndpointRow { AccountId = "acme", Uuid = "u", DomainPrefix = "a", Fqdn = "a.agent.localhost", CaCertificates = TestCa.Pem });
            db.Add(Denied("1", DenyBy.Serial, "AA", "#30"));
        });
        await host.Get<ManagerDatabase>().ReadAsync((db, ct) => db.Database.ExecuteSqlRawAsync("UPDATE denied_certificates SET Kind = 'Colour'", ct), default);
        await host.KillAsync();
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time));
        Assert.Contains("'Colour' where one of Serial, Sha256, Key is expected", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("endpoints", "VanityHost")]
    [InlineData("endpoints", "Mode")]
    [InlineData("tokens", "RevokedAt")]
    [InlineData("flags", "On")]
    public async Task A_column_that_is_not_there_ends_the_start(string table, string column)
    {
        // As a newer version may leave it. SQLite as it is built by default takes a quoted name that it does not know for a text, and would read that in each row.
        await using var host = await ManagerHost.StartAsync();
        await WriteAsync(host, db =>
        {
            db.Add(new AccountRow { Id = "acme", Name = "acme" });
            db.Add(new EndpointRow { AccountId = "acme", Uuid = "u", DomainPrefix = "a", Fqdn = "a.agent.localhost", CaCertificates = TestCa.Pem });
        });
        var sql = $"ALTER TABLE \"{table}\" RENAME COLUMN \"{column}\" TO \"Other\"";
        await host.Get<ManagerDatabase>().ReadAsync((db, ct) => db.Database.ExecuteSqlRawAsync(sql, ct), default);
        await host.KillAsync();
        var e = await Assert.ThrowsAsync<SqliteException>(() => ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time));
        Assert.Contains("no such column", e.Message, StringComparison.Ordinal);
        Assert.Contains(column, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_migrations_is_complete()
    {
        using var db = new ManagerDbContext(new DbContextOptionsBuilder<ManagerDbContext>().UseSqlite("Data Source=:memory:").Options);
        Assert.Equal(db.Database.GetMigrations(), KnownMigrations.Ids);
    }

    private static DateTimeOffset At(int minute) => s_at.AddMinutes(minute);

    private static CrlRow Crl(string id, byte[] der) =>
        new() { Id = id, AccountId = "acme", Series = id, Issuer = "CN=x", Der = der, Sha256 = id };

    private static DeniedRow Denied(string id, DenyBy kind, string value, string issuer) =>
        new() { Id = id, AccountId = "acme", Kind = kind, Value = value, IssuerName = issuer, CreatedBy = "somebody" };

    private static TaskRow Queued(string id) => new()
    {
        Id = id,
        AccountId = "acme",
        Type = "SCRIPT",
        Selectors = "[]",
        ProtectedData = [1],
        State = TaskState.QUEUED,
        TriedBy = """["d9"]""",
        Timeout = 9000,
        CreatedAt = At(12),
    };

    private static TaskRow Started(string id, DateTimeOffset? aborted, string? delegateName) => new()
    {
        Id = id,
        AccountId = "acme",
        Type = "SCRIPT",
        Selectors = "[]",
        ProtectedData = [1],
        State = TaskState.STARTED,
        Timeout = 9000,
        DelegateId = "d1",
        DelegateName = delegateName,
        CreatedAt = At(11),
        StartedAt = At(12),
        AbortRequestedAt = aborted,
    };

    private static async Task WriteAsync(ManagerHost host, Action<ManagerDbContext> add)
    {
        var outcome = await host.Get<ManagerDatabase>().WriteAsync<string>((db, _) =>
        {
            add(db);
            return Task.FromResult<Outcome<string>>("");
        }, null, default);
        Assert.Null(outcome.Fault);
    }
}
