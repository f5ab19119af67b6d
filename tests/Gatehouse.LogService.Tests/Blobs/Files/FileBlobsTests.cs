using Gatehouse.LogService.Tests.Harness;

namespace Gatehouse.LogService.Tests.Blobs.Files;

/// <summary>Blobs in files.</summary>
public sealed class FileBlobsTests : BlobStoreContract
{
    internal override Task<LogHost> StartAsync(LogSettings? settings = null) => LogHost.StartAsync(settings: settings);

    internal override Task<LogHost> StartAgainAsync(LogHost before) => LogHost.StartAsync(before.Data, before.Time);

    internal override string[] Temporary(LogHost host) => Directory.GetFiles(Path.Combine(host.Data, "logs", "blobs", "tmp"));
}
