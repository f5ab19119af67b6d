using Gatehouse.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gatehouse.Delegate.Tests;

public sealed class DelegateFolderTests
{
    [Fact]
    public void What_a_killed_delegate_left_is_deleted_and_a_living_ones_is_not()
    {
        using var root = new TemporaryDirectory();
        using var living = DelegateFolder.Create(root.Path, NullLogger.Instance);
        var dead = root.File("gatehouse-delegate-0123");
        Directory.CreateDirectory(Path.Combine(dead, "t1", "mtls"));
        File.WriteAllText(Path.Combine(dead, "t1", "mtls", "client.key"), "a key");
        File.WriteAllText(dead + ".lock", "");
        var foreign = root.File("gatehouse-delegate-notes");
        Directory.CreateDirectory(foreign);
        using (var elsewhere = new TemporaryDirectory())
        {
            File.WriteAllText(elsewhere.File("kept"), "");
            Directory.CreateSymbolicLink(Path.Combine(dead, "link"), elsewhere.Path);
            string path;
            using (var next = DelegateFolder.Create(root.Path, NullLogger.Instance))
            {
                path = next.Path;
                Assert.True(Directory.Exists(path));
                Assert.False(Path.Exists(dead));
                Assert.False(Path.Exists(dead + ".lock"));
                Assert.True(Directory.Exists(living.Path));
                Assert.True(Directory.Exists(foreign));
                Assert.True(File.Exists(elsewhere.File("kept")));
            }
            Assert.False(Path.Exists(path));
            Assert.False(Path.Exists(path + ".lock"));
        }
    }
}
