using System.Collections;
using System.Net;
using Gatehouse.Server.Configuration;
using Gatehouse.Testing;

namespace Gatehouse.Server.Tests.Configuration;

public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static ServerConfiguration Parse(IDictionary environment, string? yaml = null, TemporaryDirectory? directory = null)
    {
        var reader = new ConfigurationReader();
        if (yaml is not null)
        {
            File.WriteAllText(directory!.File("gatehouse.yaml"), yaml);
            reader.AddFile(directory.File("gatehouse.yaml"));
        }
        return new ServerConfigurationParser(reader.AddEnvironment(environment).Values()).Parse();
    }

    private static ServerConfiguration With(string key, string value) => Parse(new Hashtable { ["GATEHOUSE__" + key] = value });

    private static string ProblemOf(string key, string value) => Assert.Throws<ConfigurationException>(() => With(key, value)).Message;

    [Fact]
    public void Defaults_are_usable()
    {
        var configuration = Parse(new Hashtable());
        Assert.Equal(new IPEndPoint(IPAddress.Any, 8443), configuration.AgentListen);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8080), configuration.OperatorListen);
        Assert.Equal("agent.localhost", configuration.AgentDomain);
        Assert.Equal(["gatehouse.localhost", "localhost"], configuration.SharedHosts);
        Assert.EndsWith("gatehouse-data/operator.key", configuration.OperatorKeyFile, StringComparison.Ordinal);
    }

    [Fact]
    public void Stores_elsewhere_are_named_with_what_they_need()
    {
        Assert.Null(Parse(new Hashtable()).RedisConnectionString);
        Assert.Null(Parse(new Hashtable()).S3);
        Assert.Null(Parse(new Hashtable()).BlobRetention);
        Assert.Equal("redis.example.io:6379,password=p", With("REDIS__CONNECTIONSTRING", "redis.example.io:6379,password=p").RedisConnectionString);
        Assert.Equal(TimeSpan.FromDays(90), With("BLOBS__RETENTIONDAYS", "90").BlobRetention);
        var s3 = Parse(new Hashtable
        {
            ["GATEHOUSE__BLOBS__PROVIDER"] = "s3",
            ["GATEHOUSE__BLOBS__S3__BUCKET"] = "logs",
            ["GATEHOUSE__BLOBS__S3__ENDPOINT"] = "http://10.0.0.7:9000",
        }).S3!;
        Assert.Equal(("logs", new Uri("http://10.0.0.7:9000"), "us-east-1", true, null), (s3.Bucket, s3.Endpoint, s3.Region, s3.PathStyle, s3.AccessKeyId));

        var problem = ProblemOf("REDIS__CONNECTIONSTRING", "password=hunter2hunter2");
        Assert.Contains("redis.connectionString", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
        Assert.Contains("blobs.s3.bucket", ProblemOf("BLOBS__PROVIDER", "s3"), StringComparison.Ordinal);
        Assert.Contains("belong together", Assert.Throws<ConfigurationException>(() => Parse(new Hashtable
        {
            ["GATEHOUSE__BLOBS__PROVIDER"] = "s3",
            ["GATEHOUSE__BLOBS__S3__BUCKET"] = "logs",
            ["GATEHOUSE__BLOBS__S3__ACCESSKEYID"] = "id",
        })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_wins_over_file_and_file_over_default()
    {
        var configuration = Parse(
            new Hashtable { ["GATEHOUSE__AGENT__DOMAIN"] = "Agent.Example.IO", ["GATEHOUSE_SERVER"] = "not ours" },
            """
            agent:
              domain: agent.file.test
              listen: "*:9443"
              sharedHosts:
                - app.example.io
                - www.example.io
              certificate:
            operator:
              listen: http://[::1]:0
            """, _directory);
        Assert.Equal("agent.example.io", configuration.AgentDomain);
        Assert.Equal(9443, configuration.AgentListen.Port);
        Assert.Equal(["app.example.io", "www.example.io"], configuration.SharedHosts);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 0), configuration.OperatorListen);
    }

    [Theory]
    [InlineData("agent:\n  lisen: 1", "agent.lisen")]
    [InlineData("agents:\n  listen: 1", "agents.listen")]
    [InlineData("redis:\n  connection: x", "redis.connection")]
    public void Unknown_key_is_named(string yaml, string key)
    {
        var problem = Assert.Throws<ConfigurationException>(() => Parse(new Hashtable(), yaml, _directory));
        Assert.Contains($"'{key}'", problem.Message, StringComparison.Ordinal);
        Assert.Contains("gatehouse.yaml line", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_variable_is_named()
    {
        var problem = Assert.Throws<ConfigurationException>(() => With("AGENT__LISTN", "x"));
        Assert.Contains("GATEHOUSE__AGENT__LISTN", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_yaml_names_file_and_line()
    {
        var problem = Assert.Throws<ConfigurationException>(() => Parse(new Hashtable(), "agent: [", _directory));
        Assert.Contains("not valid YAML", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AGENT__LISTEN", "8443", "address:port")]
    [InlineData("AGENT__LISTEN", "0.0.0.0:70000", "address:port")]
    [InlineData("AGENT__DOMAIN", "agent..test", "no DNS name")]
    [InlineData("AGENT__SHAREDHOSTS", "app.example.io,bad host", "'bad host' is no DNS name")]
    [InlineData("AGENT__SHAREDHOSTS", "x.agent.localhost", "belong to accounts")]
    [InlineData("AGENT__REFUSAL", "reset", "explain, alert")]
    [InlineData("AGENT__TLS__ENGINE", "schannel", "auto, openssl, sslstream")]
    [InlineData("AGENT__TLS__SESSIONS", "0", "1 to 1000000")]
    [InlineData("AGENT__TLS__RESUMPTION", "always", "stateful, tickets, off")]
    [InlineData("AGENT__TLS__LEGACYKEYDECODER", "yes", "auto, on, off")]
    [InlineData("AGENT__CERTIFICATE__PATH", "/x.crt", "set both, or neither")]
    [InlineData("OPERATOR__LISTEN", "https://127.0.0.1:1", "http://address:port")]
    [InlineData("OPERATOR__LISTEN", "http://0.0.0.0:8080", "dangerousAllowRemote")]
    [InlineData("DATABASE__PROVIDER", "oracle", "sqlite")]
    [InlineData("ROLES", "gateway", "together in one process")]
    [InlineData("ROLES", "gateway,manager,console", "not part of this version")]
    [InlineData("SERVICES__MANAGER", "10.0.0.1:90", "http://10.0.0.5:9090")]
    [InlineData("AGENT__PUBLICPORT", "0", "1 to 65535")]
    [InlineData("SERVICES__LOGSERVICEURL", "log-service", "use an address such as")]
    [InlineData("SERVICES__TISERVICEURL", "https://user:secret@ti.example.io", "leave out user, query and fragment")]
    [InlineData("SERVICES__STOPATH", "sto", "for example /sto-service")]
    [InlineData("SERVICES__STOPATH", "/log-service", "another service's")]
    [InlineData("SERVICES__SCSPATH", "/sto-service", "the STO service has this path")]
    [InlineData("CLUSTER__SECRET", "short", "too short")]
    [InlineData("LOG__LEVEL", "loud", "Trace")]
    public void A_bad_value_is_named_with_the_way_out(string key, string value, string wayOut)
    {
        var problem = ProblemOf(key, value);
        Assert.Contains(wayOut, problem, StringComparison.Ordinal);
        Assert.Contains(key.Replace("__", ".", StringComparison.Ordinal), problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_secret_is_never_in_the_problem() =>
        Assert.DoesNotContain("hunter2", ProblemOf("CLUSTER__SECRET", "hunter2"), StringComparison.Ordinal);

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var problem = Assert.Throws<ConfigurationException>(() => Parse(new Hashtable { ["GATEHOUSE__AGENT__LISTEN"] = "x", ["GATEHOUSE__LOG__LEVEL"] = "x" }));
        Assert.Equal(2, problem.Problems.Count);
    }

    [Fact]
    public void The_reference_page_lists_exactly_the_keys_there_are()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs/reference/configuration.md"));
        var listed = page.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(l => l.Split('|')[1].Split('`').Where((_, i) => i % 2 == 1)).ToHashSet();
        Assert.Equal(ConfigurationKey.All.Select(k => k.Name).Order(), listed.Order());
    }
}
