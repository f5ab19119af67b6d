using Gatehouse.Contracts;

namespace Gatehouse.Gateway.Tests.Snapshots;

public sealed class TrustSnapshotTests
{
    private const int Many = 5000;

    [Fact]
    public void Each_of_many_is_found_by_its_names_and_others_are_not()
    {
        var snapshot = Filled();
        Assert.Equal((Many, Many + (Many / 10), Many), (snapshot.ByAccount.Count, snapshot.ByHost.Count, snapshot.Generation));
        for (var i = 0; i < Many; i++)
        {
            Assert.Equal(Account(i), snapshot.ByHost.GetValueOrDefault(Fqdn(i))?.AccountId);
            Assert.Equal(Fqdn(i), snapshot.ByAccount.GetValueOrDefault(Account(i))?.Fqdn);
        }
        Assert.Null(snapshot.ByHost.GetValueOrDefault("nobody.agent.test"));
        Assert.Null(snapshot.ByAccount.GetValueOrDefault("nobody"));
    }

    [Fact]
    public void A_generation_that_was_replaced_keeps_no_room()
    {
        var index = new TrustIndex();
        for (var generation = 1; generation <= 100; generation++)
        {
            index.Apply([Of(1, generation, Fqdn(1)), Of(2, generation + 1000, generation % 2 == 0 ? null : Fqdn(2))]);
            foreach (var account in (string[])[Account(1), Account(2)])
                _ = index.Current.ByAccount.GetValueOrDefault(account)?.SessionContext;
            Assert.Equal(generation % 2 == 0 ? 1 : 2, index.Parsed);
        }
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        var snapshot = Filled().With([Of(7, Many + 1, "changed.agent.test")], []);
        string[] names = [Fqdn(1), "changed.agent.test", Fqdn(7), "nobody.agent.test"];
        var found = Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            found += Count();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2002, found);

        int Count()
        {
            var count = 0;
            foreach (var name in names)
                count += HostName.Normalize(name) is { } host && snapshot.ByHost.TryGetValue(HostName.WithoutServicePrefix(host), out _) ? 1 : 0;
            return count;
        }
    }

    [Fact]
    public void Changes_over_many_swaps_add_up_and_older_snapshots_stay_as_they_were()
    {
        var first = Filled();
        var snapshot = first;
        var expected = Enumerable.Range(0, Many).ToDictionary(Account, Fqdn);
        var random = new Random(1);
        for (var generation = Many + 1; generation <= Many + 3000; generation++)
        {
            var i = random.Next(Many + 500);
            var fqdn = random.Next(4) == 0 ? null : $"g{generation}.agent.test";
            snapshot = snapshot.With([Of(i, generation, fqdn)], []);
            if (fqdn is null)
                expected.Remove(Account(i));
            else
                expected[Account(i)] = fqdn;
        }
        Assert.Equal(expected.Count, snapshot.ByAccount.Count);
        foreach (var (account, fqdn) in expected)
        {
            Assert.Equal(fqdn, snapshot.ByAccount.GetValueOrDefault(account)?.Fqdn);
            Assert.Equal(account, snapshot.ByHost.GetValueOrDefault(fqdn)?.AccountId);
        }
        Assert.Equal(expected.Count + Enumerable.Range(0, Many / 10).Count(i => snapshot.ByHost.GetValueOrDefault(Vanity(i * 10)) is not null), snapshot.ByHost.Count);
        Assert.Equal(Many, first.ByAccount.Count);
        Assert.Equal(Fqdn(3), first.ByAccount.GetValueOrDefault(Account(3))?.Fqdn);
    }

    [Fact]
    public void A_name_passes_from_one_account_to_another_within_one_change()
    {
        var snapshot = Filled().With([Of(2, Many + 2, Fqdn(1)), Of(1, Many + 1, "elsewhere.agent.test")], []);
        Assert.Equal(Account(2), snapshot.ByHost.GetValueOrDefault(Fqdn(1))?.AccountId);
        Assert.Null(snapshot.ByHost.GetValueOrDefault(Fqdn(2)));
        Assert.Equal(Account(1), snapshot.ByHost.GetValueOrDefault("elsewhere.agent.test")?.AccountId);
    }

    [Fact]
    public void A_name_that_arrives_before_it_left_is_kept_by_its_new_owner()
    {
        var snapshot = Filled().With([Of(2, Many + 2, Fqdn(1))], []);
        snapshot = snapshot.With([Of(1, Many + 1, "elsewhere.agent.test")], []);
        Assert.Equal(Account(2), snapshot.ByHost.GetValueOrDefault(Fqdn(1))?.AccountId);
    }

    [Fact]
    public void Older_changes_change_nothing_even_after_a_deletion()
    {
        var changed = new List<string>();
        var snapshot = Filled().With([Of(1, Many + 2, null)], changed);
        Assert.Equal([Account(1)], changed);
        Assert.Null(snapshot.ByHost.GetValueOrDefault(Fqdn(1)));
        changed.Clear();
        var late = snapshot.With([Of(1, Many + 1, Fqdn(1)), Of(2, 1, "old.agent.test")], changed);
        Assert.Empty(changed);
        Assert.Null(late.ByAccount.GetValueOrDefault(Account(1)));
        Assert.Equal(Fqdn(2), late.ByAccount.GetValueOrDefault(Account(2))?.Fqdn);
        Assert.Equal(Fqdn(1), late.With([Of(1, Many + 3, Fqdn(1))], []).ByAccount.GetValueOrDefault(Account(1))?.Fqdn);
    }

    [Fact]
    public async Task Readers_never_see_a_name_of_two_accounts_or_half_a_change()
    {
        var index = new TrustIndex();
        index.Apply([Of(0, 1, "a.agent.test"), Of(1, 2, "b.agent.test")]);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var snapshot = index.Current;
                var (a, b) = (snapshot.ByHost.GetValueOrDefault("a.agent.test"), snapshot.ByHost.GetValueOrDefault("b.agent.test"));
                Assert.NotNull(a);
                Assert.NotNull(b);
                Assert.NotEqual(a.AccountId, b.AccountId);
            }
        })).ToArray();
        for (var generation = 3; generation < 4000; generation += 2)
            index.Apply([Of(0, generation, generation % 4 == 3 ? "b.agent.test" : "a.agent.test"), Of(1, generation + 1, generation % 4 == 3 ? "a.agent.test" : "b.agent.test")]);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    private static TrustSnapshot Filled() =>
        TrustSnapshot.Empty.With([.. Enumerable.Range(0, Many).Select(i => Of(i, i + 1, Fqdn(i)) with { VanityHost = i % 10 == 0 ? Vanity(i) : null })], []);

    private static EndpointTrust Of(int i, long generation, string? fqdn) => new(Account(i), generation, fqdn, null, MtlsMode.STRICT, default);

    private static string Account(int i) => $"account-{i}";

    private static string Fqdn(int i) => $"t{i}.agent.test";

    private static string Vanity(int i) => $"vanity-{i}.test";
}
