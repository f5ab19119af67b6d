using Gatehouse.Server.Hosting;

namespace Gatehouse.Server.Tests.Hosting;

public sealed class OpenFilesTests
{
    [Theory]
    [InlineData(20_000L, 200, false, 20_000 - 200 - 1024)]
    [InlineData(20_000L, 200, true, (20_000 - 200 - 1024) / 2)]
    [InlineData(1024L, 150, false, 1024 - 150 - 256)]
    [InlineData(256L, 150, false, 16)]
    [InlineData(1L << 40, 150, false, 1_000_000)]
    [InlineData(null, 150, false, 0)]
    public void Room_is_what_the_limit_leaves(long? limit, int openNow, bool servicesElsewhere, int expected) =>
        Assert.Equal(expected, OpenFiles.RoomFor(limit, openNow, servicesElsewhere));

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             1024                 524288               processes ", null)]
    public void The_soft_limit_is_read(string line, long? expected) => Assert.Equal(expected, OpenFiles.SoftLimit(["Limit  Soft Limit  Hard Limit  Units", line]));

    [Fact]
    public void This_machine_has_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells.");
        Assert.InRange(OpenFiles.RoomForConnections(servicesElsewhere: false), 16, OpenFiles.MostConnections);
    }
}
