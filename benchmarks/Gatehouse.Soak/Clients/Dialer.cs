using System.Net.Sockets;
using Gatehouse.Soak.Oracle;
using Gatehouse.Soak.Tls;
using Gatehouse.Soak.Trust;

namespace Gatehouse.Soak.Clients;

/// <summary>What a client dials with.</summary>
internal sealed record Dial(SoakAccount Account, SoakHost Host, SoakClient Client, TlsProfile Profile, bool IsHttp2, KeptSession? Session)
{
    /// <summary>A path that any delegate may ask for and the manager answers with 200.</summary>
    public string Path => $"/api/version/delegate?accountId={Account.Id}";
}

/// <summary>Opens connections with a first request, hands the verdict to the oracle, and keeps the session.</summary>
internal sealed class Dialer(SoakScene scene, Random random)
{
    public static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(15);

    /// <summary>Any client at any name, most of them at the name that the account has now.</summary>
    public Dial Any()
    {
        var account = scene.Accounts[random.Next(scene.Accounts.Count)];
        var client = random.Next(100) switch
        {
            < 70 => account.OfAuthorities[random.Next(account.OfAuthorities.Count)],
            < 80 => account.Plain,
            < 90 => account.Foreign,
            _ => account.Expired,
        };
        return Any(account, client);
    }

    /// <summary>One client at any name of its account.</summary>
    public Dial Any(SoakAccount account, SoakClient client)
    {
        var prefix = random.Next(10) == 0 ? account.Prefix(random.Next(3)) : account.History.Current.Prefix ?? account.Prefix(0);
        var profile = random.Next(2) == 0 ? client.Tls12 : client.Tls13;
        var session = random.Next(10) < 6 ? client.Session(profile, random) : null;
        var host = SoakScene.HostOf(prefix);
        // Mostly a session of that very name; else one that must not be resumed here.
        if (session is not null && session.Host != host.Name && random.Next(4) != 0)
            session = null;
        return new Dial(account, host, client, profile, random.Next(3) == 0, session);
    }

    /// <summary>Connects and asks once. Null when it was not admitted.</summary>
    /// <param name="dial">Who and where.</param>
    /// <param name="sendHello">Sends the ClientHello in its own way; null: as one piece.</param>
    public OpenConnection? Open(Dial dial, Action<TlsClient, byte[]>? sendHello = null)
    {
        var met = new Encounter(dial.Account, dial.Host, dial.Client.Identity, dial.IsHttp2 ? "HTTP/2" : "HTTP/1.1");
        var from = SoakClock.Now;
        TlsClient? tls = null;
        try
        {
            tls = TlsClient.Connect(dial.Profile, scene.Server, dial.Host.Name, dial.IsHttp2 ? Http2.Protocol : Http1.Protocol, dial.Session?.Session);
            if (sendHello is not null)
            {
                tls.Step();
                sendHello(tls, tls.TakeCiphertext());
                tls.Fill(HandshakeLimit, "to the ClientHello");
            }
            tls.Handshake(HandshakeLimit);
            var shaken = SoakClock.Now;
            Note(dial, met, tls, from, shaken);
            var exchange = Exchange(tls, dial.IsHttp2);
            var answer = exchange.Get(dial.Host.Name, dial.Path, dial.Account.Credential.Get());
            Check(met, answer);
            scene.Oracle.NewConnection(met, from, SoakClock.Now, answer.Refusal);
            if (answer.Refusal is not null)
                return null;
            if (tls.TakeSession() is { } session)
                dial.Client.Keep(new KeptSession(session, dial.Profile.Version, dial.Account.Id, dial.Host.Name, from, shaken));
            var opened = new OpenConnection(tls, exchange, met, dial);
            tls = null;
            return opened;
        }
        catch (TlsEndedException e)
        {
            scene.Oracle.NewConnection(met, from, SoakClock.Now, e.Alert is { } alert ? VerdictCodes.Alert(alert) : VerdictCodes.Cut);
        }
        catch (TlsTimeoutException e)
        {
            scene.Violations.Add($"{met}: {e.Message}");
        }
        catch (SocketException e)
        {
            scene.Violations.Add($"{met}: cannot connect ({e.SocketErrorCode}).");
        }
        finally
        {
            tls?.Dispose();
        }
        return null;
    }

    /// <summary>What an answer must be besides its verdict.</summary>
    internal void Check(Encounter met, Answer answer)
    {
        if (answer.Refusal is null && answer.Status is not (200 or 101))
            scene.Violations.Add($"{met}: the answer was {answer.Status}, not 200.");
    }

    private void Note(Dial dial, Encounter met, TlsClient tls, double from, double shaken)
    {
        scene.Counts.Add($"handshake: TLS {(dial.Profile.Version == Libssl.Tls13 ? "1.3" : "1.2")}{(tls.IsResumed ? ", resumed" : "")}");
        if (dial.Session is not null)
            scene.Counts.Add("resumed: offered by clients");
        if (tls.IsResumed)
            scene.Oracle.Resumed(met, dial.Session!, from, shaken);
        else if (!scene.Certificates.MayBeShown(tls.ServerCertificate(), from, shaken))
            scene.Violations.Add($"{met}: the server showed a certificate that is not in force.");
    }

    private static IExchange Exchange(TlsClient tls, bool http2)
    {
        if (!http2)
            return new Http1(tls);
        var exchange = new Http2(tls);
        exchange.Start();
        return exchange;
    }
}

/// <summary>An admitted connection.</summary>
internal sealed record OpenConnection(TlsClient Tls, IExchange Exchange, Encounter Met, Dial Dial) : IDisposable
{
    public void Dispose() => Tls.Dispose();
}
