using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Cli.SelfTest.Wire;
using Gatehouse.Contracts;
using Gatehouse.Pki;

namespace Gatehouse.Cli.SelfTest;

/// <summary>What the checks share: the target, ways to ask it, and how it answers when nothing is wrong.</summary>
internal sealed class Lab(SelfTestInput input, OpenSslClient? openSsl, TimeProvider time)
{
    private const int RateLimitRetries = 3;
    private static readonly TimeSpan s_rateLimitPause = TimeSpan.FromSeconds(2);

    public SelfTestInput Input { get; } = input;

    /// <summary>Null when this machine has none.</summary>
    public OpenSslClient? OpenSsl { get; } = openSsl;

    public TimeProvider Time { get; } = time;

    /// <summary>The good certificate as TLS wants it; null when none was given.</summary>
    public SslStreamCertificateContext? Certificate { get; } = input.Client is { } client ? Context(client.Identity) : null;

    /// <summary>The other tenant's good certificate.</summary>
    public SslStreamCertificateContext? OtherCertificate { get; } = input.OtherClient is { } client ? Context(client.Identity) : null;

    /// <summary>The answer to a well-behaved request with the good certificate, or without one when none was given.</summary>
    public Answer Good { get; private set; } = new(Ending.TimedOut);

    /// <summary>The answer to the same request without a certificate.</summary>
    public Answer Bare { get; private set; } = new(Ending.TimedOut);

    /// <summary>The server's certificate and the chain it was sent with; null when no handshake ended.</summary>
    public CertificateFacts? ServerCertificate { get; private set; }

    /// <summary>What is wrong with the server's certificate; null when nothing is.</summary>
    public string? ServerCertificateFault { get; private set; }

    /// <summary>A path that needs no token, and that only the account's own side of the door should answer.</summary>
    public string Path { get; } = input.Account is { } account ? StatusPath(account) : "/";

    /// <summary>A path behind which a service looks at the verified authority before it looks at anything else.</summary>
    public string JudgedPath { get; } = input.Account is { } account ? $"{Routes.Agent.Configuration}?accountId={Uri.EscapeDataString(account)}" : "/";

    /// <summary>The well-behaved connection.</summary>
    public TlsCall Own => new() { Site = Input.Site, ServerName = Input.Site.Host, Certificate = Certificate };

    public static string StatusPath(string account) => Routes.Agent.AccountStatus.Replace("{accountId}", Uri.EscapeDataString(account), StringComparison.Ordinal);

    /// <summary>A request as text.</summary>
    /// <param name="host">Value of Host; null leaves the line out.</param>
    /// <param name="target">Request target; null for <see cref="Path"/>.</param>
    /// <param name="headers">More header lines, each with its line end.</param>
    public string Request(string? host, string? target = null, string headers = "") =>
        $"GET {target ?? Path} HTTP/1.1\r\n{(host is null ? "" : $"Host: {host}\r\n")}User-Agent: gatehouse-selftest\r\n{headers}{(headers.Contains("\nConnection:", StringComparison.Ordinal) || headers.StartsWith("Connection:", StringComparison.Ordinal) ? "" : "Connection: close\r\n")}\r\n";

    /// <summary>The well-behaved request with more header lines.</summary>
    public string OwnRequest(string headers = "", string? target = null) => Request(Input.Site.HostAndPort, target, headers);

    /// <summary>Learns how the target answers when nothing is wrong.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        Good = await AskAsync(Own with { OnServerCertificate = JudgeServerCertificate }, OwnRequest(), cancellationToken);
        Bare = Certificate is null ? Good : await AskAsync(Own with { Certificate = null }, OwnRequest(), cancellationToken);
    }

    /// <summary>Connects and asks over HTTP/1.1. Never throws for what the other side does. Waits a little where it is told that it came too often.</summary>
    public Task<Answer> AskAsync(TlsCall call, string request, CancellationToken cancellationToken) =>
        TryAsync(call, (stream, limit) => Http1Exchange.SendAsync(stream, request, limit), cancellationToken);

    /// <summary>The same over HTTP/2.</summary>
    public Task<Answer> AskAsync(TlsCall call, IReadOnlyList<(string Name, string Value)> fields, CancellationToken cancellationToken) =>
        TryAsync(call with { Http2 = true }, (stream, limit) => Http2Exchange.SendAsync(stream, fields, limit), cancellationToken);

    /// <summary>Runs s_client under the time limit.</summary>
    public async Task<OpenSslOutput> OpenSslAsync(
        Site site, string? serverName, IEnumerable<string> arguments, string? after, string input, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        return new OpenSslOutput(await OpenSslClient.ConnectAsync(site, serverName, arguments, after, input, limit.Token));
    }

    /// <summary>The answer to a hand-made ClientHello.</summary>
    public async Task<HelloReply> HelloAsync(RawHello hello, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var reply = await HelloOnceAsync(hello, cancellationToken);
            if (!reply.MayBeTurnedAway || !hello.ServerName.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(Input.Site.Host)))
                return reply;
            var isTurnedAway = await IsEverybodyTurnedAwayAsync(cancellationToken);
            if (attempt == RateLimitRetries)
                return isTurnedAway ? new HelloReply(Ending.TurnedAway) : reply;
            if (isTurnedAway)
                await Task.Delay(s_rateLimitPause, Time, cancellationToken);
        }
    }

    private async Task<HelloReply> HelloOnceAsync(RawHello hello, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        return await HelloReply.OfAsync(Input.Site, hello.ToRecord(), limit.Token);
    }

    /// <summary>The time limit of one attempt.</summary>
    public CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Input.Timeout);
        return limit;
    }

    private static SslStreamCertificateContext Context(PemIdentity identity) =>
        SslStreamCertificateContext.Create(identity.Leaf, [.. identity.Intermediates], offline: true);

    private async Task<Answer> TryAsync(TlsCall call, Func<Stream, CancellationToken, Task<Answer>> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var answer = await TryOnceAsync(call, ask, cancellationToken);
            var mayBe = answer.MayBeTurnedAway && call.Site == Input.Site && call.ServerName == Input.Site.Host;
            if (answer.Code != RefusalCode.RateLimited.Name() && !mayBe)
                return answer;
            var isTurnedAway = mayBe && await IsEverybodyTurnedAwayAsync(cancellationToken);
            if (attempt == RateLimitRetries)
                return isTurnedAway ? answer with { Ending = Ending.TurnedAway } : answer;
            // When others are let in again already, so may this one be now.
            if (isTurnedAway || !mayBe)
                await Task.Delay(s_rateLimitPause, Time, cancellationToken);
        }
    }

    // The well-behaved connection, which got further before. Its first answer is not there yet while it is asked for the first time.
    private async Task<bool> IsEverybodyTurnedAwayAsync(CancellationToken cancellationToken) =>
        Good.Protocol is not null && (await TryOnceAsync(Own, (_, _) => Task.FromResult(Good), cancellationToken)).MayBeTurnedAway;

    private async Task<Answer> TryOnceAsync(TlsCall call, Func<Stream, CancellationToken, Task<Answer>> ask, CancellationToken cancellationToken)
    {
        var began = Time.GetTimestamp();
        string? protocol = null;
        var sent = false;
        Answer answer;
        using var limit = Limit(cancellationToken);
        try
        {
            await using var line = await TlsLine.OpenAsync(call, limit.Token);
            protocol = line.Protocol;
            sent = line.Secured.LocalCertificate is not null;
            answer = call.Http2 && line.Secured.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2
                ? new Answer(Ending.OwnFault, "the gateway does not speak HTTP/2")
                : await ask(line.Secured, limit.Token);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or System.Net.Sockets.SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            answer = Faults.Read(e);
        }

        return answer with { Protocol = protocol, CertificateSent = sent, Took = Time.GetElapsedTime(began) };
    }

    private void JudgeServerCertificate(X509Certificate2 leaf, X509Chain? sent)
    {
        ServerCertificate = CertificateFacts.TryRead(leaf.RawDataMemory);
        using var chain = new X509Chain { ChainPolicy = { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, VerificationTime = Time.GetUtcNow().UtcDateTime } };
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1")); // serverAuth
        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        if (Input.ServerCaPem is { } pem)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPem(pem);
        }

        ServerCertificateFault = !leaf.MatchesHostname(Input.Site.Host) ? $"it is not for {Input.Site.Host}"
            : chain.Build(leaf) ? null
            : $"it is not trusted ({string.Join(", ", chain.ChainStatus.Select(status => status.Status))}); --server-ca names its root";
    }
}
