using Gatehouse.Cli.Connecting;

namespace Gatehouse.Cli.Tests.Connecting;

public sealed class ServerLocatorTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("gatehouse-locator-");

    public void Dispose() => _data.Delete(recursive: true);

    private static string? NoEnvironment(string name) => null;

    private void WriteServer(string url = "http://127.0.0.1:4711", string key = "file-key")
    {
        var keyFile = Path.Combine(_data.FullName, "some.key");
        File.WriteAllText(keyFile, key + "\n");
        File.WriteAllText(Path.Combine(_data.FullName, "server.json"), $$"""{"pid":1,"operatorUrl":"{{url}}","operatorKeyFile":"{{keyFile}}"}""");
    }

    [Fact]
    public void DataDirectory_TellsAddressAndKey()
    {
        WriteServer();

        var target = ServerLocator.Locate(null, null, null, _data.FullName, NoEnvironment);

        Assert.Equal(("http://127.0.0.1:4711/", "file-key"), (target.Server.ToString(), target.ApiKey));
        Assert.Empty(target.Warnings);
    }

    [Fact]
    public void OptionsWin_OverEnvironment_OverDataDirectory()
    {
        WriteServer();
        string? Environment(string name) => name switch { "GATEHOUSE_SERVER" => "http://127.0.0.1:2", "GATEHOUSE_API_KEY" => "env-key", "GATEHOUSE_DATA" => _data.FullName, _ => null };

        var byEnvironment = ServerLocator.Locate(null, null, null, null, Environment);
        var byOption = ServerLocator.Locate("http://127.0.0.1:3", "option-key", null, null, Environment);

        Assert.Equal(("http://127.0.0.1:2/", "env-key"), (byEnvironment.Server.ToString(), byEnvironment.ApiKey));
        Assert.Equal(("http://127.0.0.1:3/", "option-key"), (byOption.Server.ToString(), byOption.ApiKey));
    }

    [Fact]
    public void KeyOnTheCommandLine_IsWarnedOf()
    {
        var target = ServerLocator.Locate("http://127.0.0.1:3", "option-key", null, null, NoEnvironment);

        Assert.Contains("process lists", Assert.Single(target.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void PlainHttpToElsewhere_IsWarnedOf()
    {
        string? Environment(string name) => name == "GATEHOUSE_API_KEY" ? "k" : null;

        Assert.Contains("unencrypted", Assert.Single(ServerLocator.Locate("http://10.1.2.3:8080", null, null, null, Environment).Warnings), StringComparison.Ordinal);
        Assert.Empty(ServerLocator.Locate("https://10.1.2.3:8080", null, null, null, Environment).Warnings);
    }

    [Fact]
    public void LocalKey_IsNotOfferedToAServerElsewhere()
    {
        WriteServer();
        var before = Directory.GetCurrentDirectory();

        var e = Assert.Throws<CliException>(() => ServerLocator.Locate("https://gatehouse.example", null, null, null, NoEnvironment));

        Assert.Equal(ExitCodes.BadInput, e.ExitCode);
        Assert.Contains("is not sent elsewhere", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetCurrentDirectory());
    }

    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("ftp://x")]
    [InlineData("nonsense")]
    public void BadAddress_IsNamed(string address) =>
        Assert.Contains($"'{address}'", Assert.Throws<CliException>(() => ServerLocator.Locate(address, "k", null, null, NoEnvironment)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    public void UnusableKey_IsToldWithoutShowingIt(string key)
    {
        var e = Assert.Throws<CliException>(() => ServerLocator.Locate("http://127.0.0.1:3", key, null, null, NoEnvironment));

        Assert.Contains("--api-key", e.Message, StringComparison.Ordinal);
        Assert.True(key.Length == 0 || !e.Message.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public void MissingFiles_AreNamed()
    {
        Assert.Contains("/nowhere", Assert.Throws<CliException>(() => ServerLocator.Locate(null, null, null, "/nowhere", NoEnvironment)).Message, StringComparison.Ordinal);
        Assert.Contains("/no/key", Assert.Throws<CliException>(() => ServerLocator.Locate(null, null, "/no/key", null, NoEnvironment)).Message, StringComparison.Ordinal);
        Assert.Contains("operator.key", Assert.Throws<CliException>(() => ServerLocator.Locate(null, null, null, _data.FullName, NoEnvironment)).Message, StringComparison.Ordinal);
    }
}
