using System.Globalization;
using System.Runtime.InteropServices;

namespace Gatehouse.Load;

/// <summary>Where and with what a run was made.</summary>
internal sealed record MachineFacts
{
    public required string Cpu { get; init; }
    public required int Cores { get; init; }
    public required long MemoryMiB { get; init; }
    public required string Kernel { get; init; }
    public required string Distribution { get; init; }
    public required string Runtime { get; init; }
    public required string OpenSsl { get; init; }
    public required string Nginx { get; init; }
    public required string Haproxy { get; init; }
    public required string Caddy { get; init; }
    public required string Commit { get; init; }

    public static async Task<MachineFacts> ReadAsync(string repository, CancellationToken cancellationToken)
    {
        var cpu = File.ReadAllLines("/proc/cpuinfo");
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return new MachineFacts
        {
            Cpu = cpu.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? RuntimeInformation.OSArchitecture.ToString(),
            Cores = cpu.Count(l => l.StartsWith("processor", StringComparison.Ordinal)),
            MemoryMiB = long.Parse(memory, CultureInfo.InvariantCulture) / 1024,
            Kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            Distribution = RuntimeInformation.OSDescription,
            Runtime = RuntimeInformation.FrameworkDescription,
            OpenSsl = await SmallProgram.ReadAsync("openssl", ["version"], cancellationToken) ?? "unknown",
            Nginx = await PackageAsync("nginx", cancellationToken),
            Haproxy = await PackageAsync("haproxy", cancellationToken),
            Caddy = await PackageAsync("caddy", cancellationToken),
            Commit = await CommitAsync(repository, cancellationToken),
        };
    }

    private static async Task<string> PackageAsync(string name, CancellationToken cancellationToken) =>
        await SmallProgram.ReadAsync("dpkg-query", ["-W", "-f=${Version}", name], cancellationToken) ?? "of no Debian package";

    private static async Task<string> CommitAsync(string repository, CancellationToken cancellationToken)
    {
        var commit = await SmallProgram.ReadAsync("git", ["-C", repository, "rev-parse", "--short=10", "HEAD"], cancellationToken);
        // What is measured is the product and the generator; a changed document does not make a figure doubtful.
        var changes = await SmallProgram.ReadAsync("git", ["-C", repository, "status", "--porcelain", "--", "src", "benchmarks/Gatehouse.Load", "Directory.Packages.props"], cancellationToken);
        return commit is null ? "unknown" : commit + (string.IsNullOrEmpty(changes) ? "" : " with uncommitted changes");
    }
}
