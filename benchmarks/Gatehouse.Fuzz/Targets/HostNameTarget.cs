using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gatehouse.Contracts;
using Gatehouse.Gateway;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// The name in SNI and Host. One spelling or none; what it names is found by a plain second reader too; and a port, a capital or the
/// root's dot never makes it another's.
/// </summary>
internal sealed partial class HostNameTarget : IFuzzTarget
{
    private static readonly string[] s_served = ["customer1.agent.test", "customer2.agent.test", "vanity.example.com"];
    private static readonly string[] s_shared = ["shared.test", "localhost"];
    private readonly AgentDirectory _directory = NewDirectory();

    public string Name => "host-name";

    public int MaxLength => 600;

    public IEnumerable<byte[]> Seeds =>
        new[] { "customer1.agent.test", "Customer2.Agent.Test.:8443", "manager-grpc-customer1.agent.test", "[::1]:443", "localhost:80", "api-manager-grpc-events-grpc-vanity.example.com", "", "a..b", "shared.test:99999" }
            .Select(Encoding.Latin1.GetBytes);

    public IReadOnlyList<byte[]> Words { get; } =
        [.. s_served.Concat(s_shared).Concat(["manager-grpc-", "events-grpc-", "api-manager-grpc-", ":443", ".", "..", "[", "]", "::1", "\0", "%2e", "@", "/", "\u00e9", "xn--", new string('a', 64)]).Select(Encoding.Latin1.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var sent = Encoding.Latin1.GetString(input);
        var host = HostName.Normalize(sent);
        FuzzFindingException.UnlessEqual(Read(sent), host, $"Normalize('{sent}')");
        if (host is null)
            return;
        // The root "." alone keeps its dot, and an IPv6 literal its colons.
        FuzzFindingException.UnlessEqual(host, HostName.Normalize(host), "Normalized again");
        FuzzFindingException.Unless(!host.Any(char.IsAsciiLetterUpper) && host.Length is > 0 and <= 253, "Not lower case, or too long");
        FuzzFindingException.UnlessEqual(Owner(host), Found(host), $"Owner of '{host}'");
        if (!host.Contains('[', StringComparison.Ordinal))
            FuzzFindingException.UnlessEqual(host, HostName.Normalize(host.ToUpperInvariant() + ":8443"), "With capitals and a port");
    }

    // The second reader: one pattern for each kind of name.
    private static string? Read(string sent)
    {
        var match = NameAndPort().Match(sent);
        if (!match.Success || (match.Groups["port"] is { Success: true } port && int.Parse(port.Value, CultureInfo.InvariantCulture) is < 1 or > 65535))
            return null;
        var name = match.Groups["name"].Value;
        if (name.Length > 1 && name.EndsWith('.'))
            name = name[..^1];
        return name.Length is > 0 and <= 253 && !(name.Length > 1 && name.EndsWith('.')) ? name.ToLowerInvariant() : null;
    }

    private static string Owner(string host)
    {
        var bare = Prefix().Replace(host, "");
        var name = bare.Length == 0 ? host : bare;
        return s_served.Contains(name) ? name : s_shared.Contains(name) ? "shared" : "nobody";
    }

    private string Found(string host) =>
        !_directory.TryFind(host, out var endpoint) ? "nobody" : endpoint is null ? "shared" : endpoint.Trust.VanityHost is { } vanity && host.EndsWith(vanity, StringComparison.Ordinal) ? vanity : endpoint.Fqdn;

    private static AgentDirectory NewDirectory()
    {
        var index = new TrustIndex();
        index.Apply([
            new EndpointTrust("acc1", 1, s_served[0], null, MtlsMode.STRICT, ReadOnlyMemory<byte>.Empty),
            new EndpointTrust("acc2", 2, s_served[1], s_served[2], MtlsMode.LOOSE, ReadOnlyMemory<byte>.Empty),
        ]);
        return new AgentDirectory(index, new GatewayOptions { AgentDomain = "agent.test", SharedHosts = s_shared, CertificatePath = "", CertificateKeyPath = "" });
    }

    // An IPv6 literal in brackets, whatever follows it; or letters, digits, hyphens, dots and brackets, with a port or without.
    [GeneratedRegex(@"\A(?:(?<name>\[[A-Za-z0-9.:\[-]*\]).*|(?!\[)(?<name>[A-Za-z0-9.\[\]-]+)(?::(?<port>[0-9]{1,5}))?)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex NameAndPort();

    [GeneratedRegex(@"\A(?:api-manager-grpc-|manager-grpc-|events-grpc-)", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();
}
