using Gatehouse.LogService.Tests.Harness;

namespace Gatehouse.LogService.Tests.Streams.Memory;

/// <summary>Readers of streams in memory.</summary>
public sealed class MemoryTailTests : TailContract
{
    internal override Task<LogHost> StartAsync() => LogHost.StartAsync();
}
