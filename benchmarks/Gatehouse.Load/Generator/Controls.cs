namespace Gatehouse.Load;

/// <summary>The counter-proof: what must not be counted is not. Otherwise the expected answer would prove nothing.</summary>
internal static class Controls
{
    /// <exception cref="BenchFailedException">The target gave the expected answer to somebody who must not get it, or not to one who must.</exception>
    public static void Check(LoadTarget target)
    {
        var (first, last) = (target.Certificates.Accounts[0], target.Certificates.Accounts[^1]);
        Ask(target, first, first.Profile(target.Tls));
        Ask(target, last, last.Profile(target.Tls));
        using var nobody = new TlsProfile(target.Tls, null, null);
        using var stranger = target.Certificates.Stranger(target.Tls);
        Refuses(target, first, nobody, "without a certificate");
        Refuses(target, first, stranger, "with a certificate of another CA");
        Refuses(target, first, last.Profile(target.Tls), "with a certificate of another account's CA");
    }

    private static void Refuses(LoadTarget target, BenchAccount account, TlsProfile profile, string who)
    {
        try
        {
            Ask(target, account, profile);
        }
        catch (BenchFailedException)
        {
            return;
        }
        throw new BenchFailedException($"{target.Name} answered a client {who}: its figures would prove nothing.");
    }

    private static void Ask(LoadTarget target, BenchAccount account, TlsProfile profile)
    {
        using var connection = LoadConnection.Open(target, account.HostName, profile, session: null);
        new AnswerReader().Last(connection, account);
    }
}
