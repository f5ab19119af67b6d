using Gatehouse.Testing;

namespace Gatehouse.IntegrationTests;

/// <summary>The server is started on libraries that are found before the machine's own (LD_LIBRARY_PATH): it says what is wrong with them, once, and makes nothing.</summary>
public sealed class WhenOpenSslCannotBeUsed : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("libcrypto.so.3", "auto", "The libssl engine needs OpenSSL 3 (libssl.so.3 and libcrypto.so.3), which cannot be loaded: ")]
    [InlineData("libssl.so.3", "openssl", "The libssl engine needs OpenSSL 3 (libssl.so.3 and libcrypto.so.3), which cannot be loaded: ")]
    [InlineData("libssl.so.3", "sslstream", "The platform's cryptography cannot be used here: ")]
    public async Task The_server_says_so_in_one_line_and_leaves_nothing(string broken, string engine, string expected)
    {
        var libraries = Directory.CreateDirectory(_directory.File("lib")).FullName;
        var library = Path.Combine(libraries, broken);
        await File.WriteAllTextAsync(library, "", TestContext.Current.CancellationToken);
        var data = _directory.File("data");
        var result = await CommandLine.RunAsync("dotnet", [ProgramFiles.Server, "serve", "--data", data], input: "", environment: new Dictionary<string, string>
        {
            ["LD_LIBRARY_PATH"] = libraries,
            ["GATEHOUSE__AGENT__TLS__ENGINE"] = engine,
        });
        Assert.True(result.ExitCode == 1, result.All);
        var line = Assert.Single(result.All.Trim().Split('\n'));
        Assert.StartsWith(expected, line, StringComparison.Ordinal);
        Assert.Contains("Install OpenSSL 3 (", line, StringComparison.Ordinal);
        if (engine != "sslstream")
            Assert.Contains(library, line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }
}
