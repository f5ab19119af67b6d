using System.Globalization;
using System.Text;
using Gatehouse.Manager.Storage;
using Gatehouse.Manager.Storage.CompiledModel;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Gatehouse.Manager.Tests.Storage;

public sealed class CompiledModelTests
{
    [Fact]
    public void It_says_what_the_context_says()
    {
        var options = new DbContextOptionsBuilder<ManagerDbContext>().UseSqlite("Data Source=:memory:");
        using var written = new ManagerDbContext(options.Options);
        using var compiled = new ManagerDbContext(options.UseModel(ManagerDbContextModel.Instance).Options);
        // If this fails: eng/compiled-model.sh.
        Assert.Equal(Describe(written.Model), Describe(compiled.Model));
    }

    private static string Describe(IModel model)
    {
        var text = new StringBuilder();
        foreach (var entity in model.GetEntityTypes().OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{entity.Name} in {entity.GetTableName()}");
            foreach (var p in entity.GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal))
                text.AppendLine(CultureInfo.InvariantCulture, $"  {p.Name} {p.ClrType} {p.GetColumnName()} {p.GetColumnType()} null={p.IsNullable} token={p.IsConcurrencyToken} {p.ValueGenerated} {p.GetTypeMapping().Converter?.ProviderClrType}");
            foreach (var key in entity.GetKeys())
                text.AppendLine(CultureInfo.InvariantCulture, $"  key {Names(key.Properties)} primary={key.IsPrimaryKey()}");
            foreach (var index in entity.GetIndexes().OrderBy(i => Names(i.Properties), StringComparer.Ordinal))
                text.AppendLine(CultureInfo.InvariantCulture, $"  index {Names(index.Properties)} unique={index.IsUnique}");
            foreach (var foreign in entity.GetForeignKeys().OrderBy(f => Names(f.Properties), StringComparer.Ordinal))
                text.AppendLine(CultureInfo.InvariantCulture, $"  foreign {Names(foreign.Properties)} to {foreign.PrincipalEntityType.Name} unique={foreign.IsUnique} {foreign.DeleteBehavior}");
        }
        return text.ToString();
    }

    private static string Names(IReadOnlyList<IReadOnlyProperty> properties) => string.Join(',', properties.Select(p => p.Name));
}
