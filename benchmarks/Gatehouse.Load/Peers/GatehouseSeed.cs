namespace Gatehouse.Load;

/// <summary>A data directory with all the run's accounts, made once over the operator API and copied for every server that starts.</summary>
internal static class GatehouseSeed
{
    private const string Folder = "gatehouse-seed";

    /// <summary>A new copy.</summary>
    public static async Task<string> OfAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var seed = Path.Combine(context.Folder, Folder);
        if (!Directory.Exists(seed))
        {
            BenchContext.Say($"  making {context.Certificates.Accounts.Count} accounts and endpoints over the operator API");
            Directory.CreateDirectory(seed);
            // Ended in order, the server leaves one whole database file.
            await using var server = await GatehouseProcess.StartAsync(context, seed, manager: null, settings: null, cancellationToken);
            foreach (var account in context.Certificates.Accounts)
                await server.CreateAsync(account, cancellationToken);
        }
        var copy = context.NewFolder();
        foreach (var file in Directory.EnumerateFiles(seed, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "server.json"))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(seed, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return copy;
    }
}
