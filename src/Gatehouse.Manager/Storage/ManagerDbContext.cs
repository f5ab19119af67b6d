using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Gatehouse.Manager.Storage;

/// <summary>
/// The manager's model. It must run on SQLite and PostgreSQL alike: keys are ours (nothing auto-increments), times are
/// UTC milliseconds (they order the same everywhere), enums are text.
/// </summary>
internal sealed class ManagerDbContext(DbContextOptions<ManagerDbContext> options) : DbContext(options)
{
    public DbSet<AccountRow> Accounts => Set<AccountRow>();
    public DbSet<EndpointRow> Endpoints => Set<EndpointRow>();
    public DbSet<CrlRow> Crls => Set<CrlRow>();
    public DbSet<DeniedRow> Denied => Set<DeniedRow>();
    public DbSet<EndpointTombstoneRow> EndpointTombstones => Set<EndpointTombstoneRow>();
    public DbSet<PrefixQuarantineRow> PrefixQuarantines => Set<PrefixQuarantineRow>();
    public DbSet<CounterRow> Counters => Set<CounterRow>();
    public DbSet<TokenRow> Tokens => Set<TokenRow>();
    public DbSet<DelegateRow> Delegates => Set<DelegateRow>();
    public DbSet<TaskRow> Tasks => Set<TaskRow>();
    public DbSet<FlagRow> Flags => Set<FlagRow>();
    public DbSet<AuditRow> Audit => Set<AuditRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder builder)
    {
        builder.Properties<DateTimeOffset>().HaveConversion<UtcMilliseconds>();
        builder.Properties<Gatehouse.Contracts.MtlsMode>().HaveConversion<string>();
        builder.Properties<Gatehouse.Contracts.StaleCrlPolicy>().HaveConversion<string>();
        builder.Properties<Gatehouse.Contracts.DenyBy>().HaveConversion<string>();
        builder.Properties<TaskState>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        builder.Entity<AccountRow>(account =>
        {
            account.ToTable("accounts").HasKey(row => row.Id);
            account.Property(row => row.Id).ValueGeneratedNever();
        });
        builder.Entity<EndpointRow>(endpoint =>
        {
            endpoint.ToTable("endpoints").HasKey(row => row.AccountId);
            endpoint.Property(row => row.AccountId).ValueGeneratedNever();
            endpoint.HasIndex(row => row.Fqdn).IsUnique();
            endpoint.HasIndex(row => row.VanityHost).IsUnique();
            endpoint.HasOne<AccountRow>().WithOne().HasForeignKey<EndpointRow>(row => row.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<CrlRow>(crl =>
        {
            crl.ToTable("crls").HasKey(row => row.Id);
            crl.Property(row => row.Id).ValueGeneratedNever();
            crl.HasIndex(row => new { row.AccountId, row.Series }).IsUnique();
            crl.HasOne<EndpointRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<DeniedRow>(denied =>
        {
            denied.ToTable("denied_certificates").HasKey(row => row.Id);
            denied.Property(row => row.Id).ValueGeneratedNever();
            denied.HasIndex(row => new { row.AccountId, row.Kind, row.Value, row.IssuerName }).IsUnique();
            denied.HasOne<EndpointRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<EndpointTombstoneRow>(tombstone =>
        {
            tombstone.ToTable("endpoint_tombstones").HasKey(row => row.AccountId);
            tombstone.Property(row => row.AccountId).ValueGeneratedNever();
        });
        builder.Entity<PrefixQuarantineRow>(quarantine =>
        {
            quarantine.ToTable("prefix_quarantines").HasKey(row => row.DomainPrefix);
            quarantine.Property(row => row.DomainPrefix).ValueGeneratedNever();
        });
        builder.Entity<CounterRow>(counter =>
        {
            counter.ToTable("counters").HasKey(row => row.Name);
            counter.Property(row => row.Name).ValueGeneratedNever();
        });
        builder.Entity<TokenRow>(token =>
        {
            token.ToTable("tokens").HasKey(row => new { row.AccountId, row.Name });
            token.HasOne<AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<DelegateRow>(worker =>
        {
            worker.ToTable("delegates").HasKey(row => row.Id);
            worker.Property(row => row.Id).ValueGeneratedNever();
            worker.HasIndex(row => row.AccountId);
            worker.HasOne<AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<TaskRow>(task =>
        {
            task.ToTable("tasks").HasKey(row => row.Id);
            task.Property(row => row.Id).ValueGeneratedNever();
            task.Ignore(row => row.IsFinished);
            task.HasIndex(row => new { row.AccountId, row.CreatedAt });
            task.HasIndex(row => row.State);
            task.HasIndex(row => row.FinishedAt);
            task.HasOne<AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<FlagRow>(flag =>
        {
            flag.ToTable("flags").HasKey(row => new { row.AccountId, row.Name });
            flag.HasOne<AccountRow>().WithMany().HasForeignKey(row => row.AccountId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<AuditRow>(audit =>
        {
            audit.ToTable("audit").HasKey(row => row.Sequence);
            audit.Property(row => row.Sequence).ValueGeneratedNever();
            audit.HasIndex(row => new { row.AccountId, row.Sequence });
        });
    }

    /// <summary>A time as UTC milliseconds. Internal for the compiled model.</summary>
    internal sealed class UtcMilliseconds() : ValueConverter<DateTimeOffset, long>(
        value => value.ToUnixTimeMilliseconds(), value => DateTimeOffset.FromUnixTimeMilliseconds(value));
}
