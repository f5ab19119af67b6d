namespace Gatehouse.Load;

/// <summary>Connections that stay open, spread evenly over the accounts.</summary>
internal static class Connections
{
    /// <summary>Opens them one after the other, each with one request and its checked answer.</summary>
    public static IReadOnlyList<(BenchAccount Account, LoadConnection Connection)> Open(LoadTarget target, int count) =>
        Open(target, target.Certificates.Accounts, count);

    /// <summary>The same over other accounts.</summary>
    public static IReadOnlyList<(BenchAccount Account, LoadConnection Connection)> Open(LoadTarget target, IReadOnlyList<BenchAccount> accounts, int count)
    {
        var opened = new List<(BenchAccount Account, LoadConnection Connection)>(count);
        var answers = new AnswerReader();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var account = accounts[i % accounts.Count];
                opened.Add((account, LoadConnection.Open(target, account.HostName, account.Profile(target.Tls), session: null)));
                answers.Keep(opened[^1].Connection, account);
            }
            return opened;
        }
        catch
        {
            Close(opened);
            throw;
        }
    }

    /// <summary>One request on each.</summary>
    /// <exception cref="BenchFailedException">One was dropped or answers something else.</exception>
    public static void RequireAlive(IEnumerable<(BenchAccount Account, LoadConnection Connection)> connections)
    {
        var answers = new AnswerReader();
        foreach (var (account, connection) in connections)
            answers.Keep(connection, account);
    }

    /// <summary>How many are not there any more.</summary>
    public static int CountDropped(IEnumerable<(BenchAccount Account, LoadConnection Connection)> connections)
    {
        var (answers, dropped) = (new AnswerReader(), 0);
        foreach (var (account, connection) in connections)
        {
            try
            {
                answers.Keep(connection, account);
            }
            catch (BenchFailedException)
            {
                dropped++;
            }
        }
        return dropped;
    }

    public static void Close(IEnumerable<(BenchAccount Account, LoadConnection Connection)> connections)
    {
        foreach (var (_, connection) in connections)
            connection.Close();
    }
}
