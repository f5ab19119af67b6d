using Gatehouse.Cli.Certificates;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Tests.Certificates;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CertificateFilesTests : IDisposable
{
    private static readonly IssuedCertificate s_issued = new("certificate\n", "key\n");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gatehouse-files-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string In(string name) => Path.Combine(_folder.FullName, name);

    [Fact]
    public void Write_KeyIsForItsOwnerAlone()
    {
        var paths = CertificateFiles.Write(In("new/deep"), "client", s_issued, force: false);

        Assert.Equal("certificate\n", File.ReadAllText(paths.Certificate));
        Assert.Equal("key\n", File.ReadAllText(paths.PrivateKey));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(paths.PrivateKey));
        Assert.Equal(2, Directory.GetFiles(In("new/deep")).Length);
    }

    [Theory]
    [InlineData("client.crt")]
    [InlineData("client.key")]
    public void Write_EitherFileExists_ChangesNothing(string existing)
    {
        File.WriteAllText(In(existing), "old");

        var e = Assert.Throws<CliException>(() => CertificateFiles.Write(_folder.FullName, "client", s_issued, force: false));

        Assert.Equal(ExitCodes.BadInput, e.ExitCode);
        Assert.Contains(existing, e.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder.FullName))));
    }

    [Fact]
    public void Write_Force_ReplacesBoth_AndTightensTheMode()
    {
        File.WriteAllText(In("client.crt"), "old");
        File.WriteAllText(In("client.key"), "old");
        File.SetUnixFileMode(In("client.key"), (UnixFileMode)0b110_110_110);

        CertificateFiles.Write(_folder.FullName, "client", s_issued, force: true);

        Assert.Equal("key\n", File.ReadAllText(In("client.key")));
        Assert.Equal("certificate\n", File.ReadAllText(In("client.crt")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("client.key")));
        Assert.Equal(2, Directory.GetFiles(_folder.FullName).Length);
    }

    [Fact]
    public void Write_SecondFileCannotBePlaced_LeavesWhatWas()
    {
        File.WriteAllText(In("client.key"), "old");
        // A folder in the way cannot be deleted like a file once it was set aside.
        Directory.CreateDirectory(In("client.crt"));

        Assert.Throws<CliException>(() => CertificateFiles.Write(_folder.FullName, "client", s_issued, force: true));

        Assert.Equal("old", File.ReadAllText(In("client.key")));
        Assert.True(Directory.Exists(In("client.crt")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.FullName).Length);
    }
}
