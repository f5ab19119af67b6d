using System.Net;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gatehouse.Manager.Tests.Storage;

public sealed class StorageTests
{
    [Fact]
    public async Task SQLite_keeps_what_was_acknowledged_and_to_itself()
    {
        await using var host = await ManagerHost.StartAsync(isFirstStart: true);
        await host.CreateAccountAsync("acme");
        var pragmas = await host.Get<ManagerDatabase>().ReadAsync(async (db, ct) => (
            await Ask<string>(db, "journal_mode", ct), await Ask<long>(db, "synchronous", ct), await Ask<long>(db, "foreign_keys", ct), await Ask<long>(db, "busy_timeout", ct)), default);
        Assert.Equal(("wal", 2L, 1L, 5000L), pragmas);
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in Directory.EnumerateFiles(host.Data, "gatehouse.db*"))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        foreach (var folder in (string[])[host.Data, Path.Combine(host.Data, "keys")])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public async Task Nothing_of_the_model_or_its_migration_belongs_to_one_database()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.Get<ManagerDatabase>().ReadAsync((db, _) =>
        {
            Assert.False(db.Database.HasPendingModelChanges());
            foreach (var property in db.Model.GetEntityTypes().SelectMany(type => type.GetProperties()))
            {
                Assert.True(property.ValueGenerated == ValueGenerated.Never, $"{property} is made by the database");
                Assert.Null(property.FindAnnotation("Relational:ColumnType")?.Value);
            }
            return Task.FromResult(true);
        }, default);
    }

    [Fact]
    public async Task An_endpoint_from_before_CRLs_gets_the_strict_policy()
    {
        var folder = Directory.CreateTempSubdirectory("gatehouse-manager-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "data"));
            var file = $"Data Source={Path.Combine(folder, "data", "gatehouse.db")};Pooling=False";
            await using (var old = new ManagerDbContext(new DbContextOptionsBuilder<ManagerDbContext>().UseSqlite(file).Options))
            {
                await old.GetService<IMigrator>().MigrateAsync("20261124143720_Initial");
                await old.Database.ExecuteSqlRawAsync("INSERT INTO accounts (Id, Name, CreatedAt) VALUES ('acme', 'acme', 0)");
                await old.Database.ExecuteSqlRawAsync(
                    "INSERT INTO endpoints (AccountId, Uuid, DomainPrefix, Fqdn, Mode, CaCertificates, Generation, CreatedAt, UpdatedAt) VALUES ('acme', 'u', 'c1', 'c1.agent.localhost', 'LOOSE', {0}, 7, 0, 0)", TestCa.Pem);
            }
            await using var host = await ManagerHost.StartAsync(folder);
            Assert.Equal(7, Assert.Single(await host.Get<ITrustSource>().ChangesSinceAsync(0, default)).Generation);
            var policy = await host.Operator.GetStringAsync(new Uri("/api/v1/accounts/acme/mtls/crl-policy", UriKind.Relative));
            Assert.Equal("""{"policy":"strict","graceSeconds":86400}""", policy);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_fault_rolls_back_and_a_failure_is_told_without_its_cause()
    {
        await using var host = await ManagerHost.StartAsync();
        host.ErrorsExpected = true;
        var database = host.Get<ManagerDatabase>();
        var outcome = await database.WriteAsync<string>(async (db, ct) =>
        {
            db.Accounts.Add(new AccountRow { Id = "x", Name = "x" });
            await db.SaveChangesAsync(ct);
            return new Fault(400, "no", "No.");
        }, _ => Assert.Fail("not committed"), default);
        Assert.Equal("no", outcome.Fault?.Code);
        Assert.False(await database.ReadAsync((db, ct) => db.Accounts.AnyAsync(ct), default));

        await database.ReadAsync((db, ct) => db.Database.ExecuteSqlRawAsync("DROP TABLE audit", ct), default);
        using var response = await host.Operator.GetAsync(new Uri(Routes.Operator.Audit, UriKind.Relative));
        var text = await response.IsProblemAsync(HttpStatusCode.InternalServerError, "default_error_code");
        Assert.DoesNotContain("SQLite", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(host.Log.Errors, error => error.Contains("no such table", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Heartbeats_are_written_in_batches_and_by_an_orderly_stop()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        var worker = await TestDelegate.RegisteredAsync(host, "acme", token);
        await host.RunJobsAsync();
        host.Time.Advance(TimeSpan.FromMinutes(1));
        using var unsaved = await worker.HeartbeatAsync();
        Assert.Equal(host.Now.AddMinutes(-1), await StoredAsync(host));
        await host.RunJobsAsync();
        Assert.Equal(host.Now, await StoredAsync(host));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        using var last = await worker.HeartbeatAsync();
        await host.Get<ManagerJobs>().StopAsync(default);
        Assert.Equal(host.Now, await StoredAsync(host));
    }

    [Fact]
    public async Task Without_the_keys_a_token_fits_nothing()
    {
        await using var host = await ManagerHost.StartAsync();
        await host.CreateAccountAsync("acme");
        var token = await host.CreateTokenAsync("acme");
        await host.KillAsync();
        foreach (var key in Directory.EnumerateFiles(Path.Combine(host.Data, "keys")))
            File.Delete(key);
        await using var again = await ManagerHost.StartAsync(Path.GetDirectoryName(host.Data), host.Time);
        again.ErrorsExpected = true;
        using var refused = await new TestDelegate(again, "acme", token).RegisterAsync();
        await refused.IsProtocolErrorAsync(HttpStatusCode.Unauthorized, ProtocolErrorCode.InvalidToken);
        Assert.Single(again.Log.Errors);
    }

    [Fact]
    public void All_mistakes_in_the_options_are_told_at_once()
    {
        var options = new ManagerOptions { DataDirectory = "", AgentDomain = "a b", SharedHosts = ["-x"], LogServiceUrl = "ftp://x", ScsServiceUrl = "https://x/?y", BackgroundTick = TimeSpan.Zero };
        var e = Assert.Throws<OptionsValidationException>(() => new ServiceCollection().AddManager(options));
        Assert.Equal(6, e.Failures.Count());
        Assert.Empty(new ManagerOptions().Validate());
    }

    private static Task<DateTimeOffset> StoredAsync(ManagerHost host) =>
        host.Get<ManagerDatabase>().ReadAsync((db, ct) => db.Delegates.Select(row => row.LastHeartbeat).SingleAsync(ct), default);

    private static async Task<T> Ask<T>(ManagerDbContext db, string pragma, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // The name of a pragma cannot be a parameter; it is a constant of this test.
        command.CommandText = "PRAGMA " + pragma;
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
