using System.Reflection;
using System.Text.Json;
using Gatehouse.Cli.Doctor;
using Gatehouse.Pki;
using Gatehouse.Testing;
using CommandLine = Gatehouse.Cli.Tests.Support.CommandLine;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class DoctorCommandTests
{
    [Fact]
    public async Task Doctor_ReadsTheDelegatesVariables_AndSaysSoInJson()
    {
        using var line = new CommandLine().With("MANAGER_HOST_AND_PORT", "https://localhost:1").With("DELEGATE_CLIENT_CERTIFICATE_PATH", "nowhere.crt").With("HTTPS_PROXY", "").With("https_proxy", "");

        var ended = await line.RunAsync("doctor", "--output", "json", "--timeout", "2s");

        Assert.Equal(1, ended.ExitCode);
        using var json = JsonDocument.Parse(ended.Out);
        Assert.False(json.RootElement.GetProperty("healthy").GetBoolean());
        Assert.Equal(
            [DoctorCodes.HalfPair, DoctorCodes.ConnectionRefused],
            json.RootElement.GetProperty("diagnoses").EnumerateArray().Select(one => one.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Doctor_WithoutAddress_IsWrongUse()
    {
        using var line = new CommandLine();
        var ended = await line.RunAsync("doctor");
        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("MANAGER_HOST_AND_PORT", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_HasEveryCode()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs/operate/doctor.md"));
        Assert.All(
            typeof(DoctorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!),
            code => Assert.Contains($"`{code}`", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "PROXY_HOST", "")]
    [InlineData("http://proxy:3128", "HTTPS_PROXY", "http://proxy:3128")]
    [InlineData("http://us%40er:pass%3Aword@proxy:8080", "PROXY_HOST", "proxy", "PROXY_USER", "us@er", "PROXY_PASSWORD", "pass:word")]
    [InlineData("https://proxy:443", "PROXY_HOST", "proxy", "PROXY_SCHEME", "https", "HTTPS_PROXY", "http://other:1")]
    public void ProxyVariables_AreReadAsTheDelegateDoes(string? expected, params string[] variables)
    {
        var set = variables.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(expected, ProxyVariables.Read(set.GetValueOrDefault));
    }

    [Theory]
    [InlineData("intranet")]
    [InlineData("intranet,customer1.agent.example", "PROXY_MANAGER", "false")]
    [InlineData("intranet", "PROXY_MANAGER", "true")]
    public void TheManager_IsLeftOutOfTheProxy_WhenTheDelegateDoes(string expected, params string[] variables)
    {
        var set = variables.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        set["NO_PROXY"] = "intranet";
        Assert.Equal(expected, ProxyVariables.Bypass(set.GetValueOrDefault, "https://customer1.agent.example:8443"));
    }

    [Fact]
    public void CertificatePage_HasEveryCodeOfTheLint()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs/reference/certs.md"));
        Assert.All(
            typeof(CaBundleCodes).GetFields().Concat(typeof(ClientLintCodes).GetFields()).Select(field => (string)field.GetRawConstantValue()!),
            code => Assert.Contains($"`{code}`", page, StringComparison.Ordinal));
    }
}
