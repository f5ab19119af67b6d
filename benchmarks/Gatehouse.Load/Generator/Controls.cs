namespace Gatehouse.Load;

/// <summary>The counter-proof: what must not be counted is not. Otherwise the expected answer would prove nothing.</summary>
internal static class Controls
{
    /// <exception cref="BenchFailedException">The target gave the expected answer to somebody who must not get it, or not to one who must.</exception>
    public static void Check(LoadTarget target)
    {
        var (first, last) = (target.Certificates.Accounts[0], target.Certificates.Accounts[^1]);
        Ask(target, first);
        Ask(target, last);
        using var nobody = new TlsProfile(target.Tls, null, null);
        using var stranger = target.Certificates.Stranger(target.Tls);
        Refuses(target, first, nobody, "without a certificate");
        Refuses(target, first, stranger, "with a certificate of another CA");
        Refuses(target, first, last.Profile(target.Tls), "with a certificate of another account's CA");
    }

    /// <summary>One connection with one request, as the account's own client.</summary>
    /// <exception cref="BenchFailedException">It is not let in or gets another answer.</exception>
    public static void Ask(LoadTarget target, BenchAccount account) => Ask(target, account, account.Profile(target.Tls));

    /// <summary>True when the account's own client gets its answer now.</summary>
    public static bool IsLetIn(LoadTarget target, BenchAccount account)
    {
        try
        {
            Ask(target, account);
            return true;
        }
        catch (BenchFailedException)
        {
            return false;
        }
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
