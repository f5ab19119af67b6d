using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Gatehouse.Manager.Storage;

#pragma warning disable CA1812 // Made by the dotnet-ef tool.
/// <summary>Lets <c>dotnet ef migrations add</c> build the model without a host.</summary>
internal sealed class ManagerDbContextDesign : IDesignTimeDbContextFactory<ManagerDbContext>
{
    public ManagerDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<ManagerDbContext>().UseSqlite("Data Source=:memory:").Options);
}
