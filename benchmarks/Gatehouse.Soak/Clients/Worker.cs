using Gatehouse.Soak.Tls;
using Gatehouse.Soak.Trust;

namespace Gatehouse.Soak.Clients;

/// <summary>A thread of clients: one thing after the other, chosen at random, until told to stop.</summary>
internal sealed class Worker
{
    private readonly SoakScene _scene;
    private readonly Random _random;
    private readonly Dialer _dialer;
    private readonly Killer _killer;
    private readonly CancellationToken _stop;

    public Worker(SoakScene scene, int number, CancellationToken stop)
    {
        (_scene, _stop) = (scene, stop);
        _random = new Random(scene.Plan.Seed + number);
        (_dialer, _killer) = (new Dialer(scene, _random), new Killer(scene, _random));
    }

    public void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                Choose()();
                Rest(_random.NextDouble() * _scene.Plan.Rest);
            }
        }
        catch (Exception e)
        {
            _scene.Violations.Add($"A client of the soak itself failed: {e}");
        }
    }

    private Action Choose() => _random.Next(100) switch
    {
        < 40 => Visit,
        < 48 => VisitInPieces,
        < 58 => VisitSharedHost,
        < 75 => () => _killer.Run(_dialer.Any()),
        < 95 => () => Hold(_random.Next(1, _scene.Plan.MaxHeld + 1), HoldDial),
        _ => HoldUntilExpiry,
    };

    /// <summary>A few requests and the end, in order or not.</summary>
    private void Visit() => Visit(_dialer.Any(), null);

    /// <summary>The ClientHello in segments of a byte, or in TLS records of a few bytes each.</summary>
    private void VisitInPieces() => Visit(_dialer.Any() with { Session = null }, static (tls, hello) =>
    {
        for (var i = 0; i < hello.Length; i++)
            tls.Send(hello.AsSpan(i, 1));
    });

    private void VisitSharedHost()
    {
        var account = _scene.Accounts[_random.Next(_scene.Accounts.Count)];
        var profile = _random.Next(2) == 0 ? account.Plain.Tls12 : account.Plain.Tls13;
        var session = _random.Next(2) == 0 ? account.Plain.Session(profile, _random) : null;
        Visit(new Dial(account, new SoakHost(SoakScene.SharedHost, null), account.Plain, profile, _random.Next(3) == 0, session), null);
    }

    private void Visit(Dial dial, Action<TlsClient, byte[]>? sendHello)
    {
        using var open = _dialer.Open(dial, sendHello);
        if (open is null)
            return;
        var from = SoakClock.Now;
        try
        {
            for (var i = _random.Next(3); i > 0; i--)
            {
                from = SoakClock.Now;
                var answer = open.Exchange.Get(dial.Host.Name, dial.Path, dial.Account.Credential.Get());
                _scene.Oracle.OpenConnection(open.Met, from, SoakClock.Now, answer.Refusal);
                if (answer.Refusal is not null)
                    return;
            }
            if (_random.Next(2) == 0)
                open.Tls.SayGoodbye();
        }
        catch (TlsEndedException)
        {
            _scene.Oracle.Ended(open.Met, from, SoakClock.Now);
        }
        catch (TlsTimeoutException e)
        {
            _scene.Violations.Add($"{open.Met}: {e.Message}");
        }
    }

    // Those who hold on are those who may come in.
    private Dial HoldDial()
    {
        var account = _scene.Accounts[_random.Next(_scene.Accounts.Count)];
        var now = account.History.Current;
        var authorities = now.Authorities.ToArray();
        var plain = authorities.Length == 0 || (now.Mode == Contracts.MtlsMode.LOOSE && _random.Next(3) == 0);
        return _dialer.Any(account, plain ? account.Plain : account.OfAuthorities[authorities[_random.Next(authorities.Length)]]);
    }

    private void HoldUntilExpiry()
    {
        var account = _scene.Accounts[_random.Next(_scene.Accounts.Count)];
        var authorities = account.History.Current.Authorities.ToArray();
        if (authorities.Length == 0)
            return;
        var notAfter = TimeProvider.System.GetUtcNow().AddSeconds(_random.Next(3, 7));
        using var client = account.ShortLived(authorities[_random.Next(authorities.Length)], notAfter);
        Hold(2, () => _dialer.Any(account, client) with { Session = null });
        client.Files!.Delete();
    }

    private void Hold(int count, Func<Dial> dial)
    {
        var held = new List<HeldConnection>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                if (HeldConnection.Open(_scene, _dialer, dial(), stream: _random.Next(3) == 0) is { } connection)
                    held.Add(connection);
            }
            var until = SoakClock.Now + 3000 + _random.Next(12_000);
            while (held.Exists(h => !h.IsOver) && SoakClock.Now < until && !_stop.IsCancellationRequested)
            {
                foreach (var connection in held)
                    connection.Look(use: _random.Next(4) == 0);
                Rest(TimeSpan.FromMilliseconds(60));
            }
        }
        finally
        {
            held.ForEach(h => h.Dispose());
        }
    }

    private void Rest(TimeSpan time) => _stop.WaitHandle.WaitOne(time);
}
