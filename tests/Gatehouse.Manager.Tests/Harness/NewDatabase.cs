using Gatehouse.Manager.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gatehouse.Manager.Tests.Harness;

/// <summary>The database as a first start makes it, made once: migrating takes longer than most tests.</summary>
internal static class NewDatabase
{
    private static readonly Lazy<Task<byte[]>> s_bytes = new(MakeAsync);

    public static async Task PutIntoAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, "gatehouse.db"), await s_bytes.Value);
    }

    private static async Task<byte[]> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("gatehouse-manager-new-");
        var file = Path.Combine(folder.FullName, "gatehouse.db");
        await using (var db = new ManagerDbContext(new DbContextOptionsBuilder<ManagerDbContext>().UseSqlite($"Data Source={file};Pooling=False").Options))
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;");
            await db.Database.MigrateAsync();
        }

        var bytes = await File.ReadAllBytesAsync(file);
        folder.Delete(recursive: true);
        return bytes;
    }
}
