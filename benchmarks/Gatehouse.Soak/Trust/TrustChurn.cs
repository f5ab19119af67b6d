using Gatehouse.Client.Operator;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Soak.Oracle;

namespace Gatehouse.Soak.Trust;

/// <summary>Changes the trust of accounts over the admin API, one call at a time, as fast as the plan says, and writes into the history what was asked and when.</summary>
internal sealed class TrustChurn(OperatorClient client, IReadOnlyList<SoakAccount> accounts, Random random, SoakCounts counts, Violations violations)
{
    private const int Prefixes = 3;

    /// <summary>Gives every account its first endpoint.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var account in accounts)
            await CreateAsync(account, cancellationToken);
    }

    /// <summary>Changes one account after the other, at random, until cancelled.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var account = accounts[random.Next(accounts.Count)];
                try
                {
                    // A call that was begun is finished: only then is it known what is in force.
                    await ChangeAsync(account, CancellationToken.None);
                }
                catch (OperatorApiException e)
                {
                    violations.Add($"The admin API refused a change of {account.Id} that is allowed: {e.Message}");
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private Task ChangeAsync(SoakAccount account, CancellationToken cancellationToken)
    {
        var now = account.History.Current;
        if (now.Prefix is null)
            return CreateAsync(account, cancellationToken);
        return random.Next(100) switch
        {
            < 35 => PatchAsync(account, "mode", now with { Mode = now.Mode == MtlsMode.STRICT ? MtlsMode.LOOSE : MtlsMode.STRICT }, cancellationToken),
            < 70 => PatchAsync(account, "ca", now with { Authorities = OtherAuthorities(now.Authorities) }, cancellationToken),
            < 85 => PatchAsync(account, "rename", now with { Prefix = OtherPrefix(account, now.Prefix) }, cancellationToken),
            _ => DeleteAsync(account, cancellationToken),
        };
    }

    private async Task CreateAsync(SoakAccount account, CancellationToken cancellationToken)
    {
        var next = new TrustState(
            account.Prefix(random.Next(Prefixes)), random.Next(3) == 0 ? MtlsMode.LOOSE : MtlsMode.STRICT, OtherAuthorities(new HashSet<int>()));
        account.History.Begin(next);
        await client.CreateEndpointAsync(account.Id, RequestOf(account, next), cancellationToken);
        account.History.Commit();
        counts.Add("trust: created");
    }

    private async Task PatchAsync(SoakAccount account, string what, TrustState next, CancellationToken cancellationToken)
    {
        var whole = RequestOf(account, next);
        var change = what switch
        {
            "mode" => new MtlsEndpointRequest { Mode = whole.Mode },
            "ca" => new MtlsEndpointRequest { CaCertificates = whole.CaCertificates },
            _ => new MtlsEndpointRequest { DomainPrefix = whole.DomainPrefix },
        };
        account.History.Begin(next);
        await client.ChangeEndpointAsync(account.Id, change, cancellationToken);
        account.History.Commit();
        counts.Add($"trust: {what}");
    }

    private async Task DeleteAsync(SoakAccount account, CancellationToken cancellationToken)
    {
        account.History.Begin(TrustState.None);
        await client.DeleteEndpointAsync(account.Id, cancellationToken);
        account.History.Commit();
        counts.Add("trust: deleted");
    }

    private static MtlsEndpointRequest RequestOf(SoakAccount account, TrustState state) => new()
    {
        DomainPrefix = state.Prefix,
        Mode = state.Mode.ToString(),
        CaCertificates = string.Join('\n', state.Authorities.Select(i => account.Authorities[i].Pem)),
    };

    // Some but not all, and not the same again.
    private HashSet<int> OtherAuthorities(IReadOnlySet<int> now)
    {
        while (true)
        {
            var bits = random.Next(1, (1 << SoakAccount.AuthorityCount) - 1);
            var next = Enumerable.Range(0, SoakAccount.AuthorityCount).Where(i => (bits >> i & 1) == 1).ToHashSet();
            if (!next.SetEquals(now))
                return next;
        }
    }

    private string OtherPrefix(SoakAccount account, string now)
    {
        while (true)
        {
            var next = account.Prefix(random.Next(Prefixes));
            if (next != now)
                return next;
        }
    }
}
