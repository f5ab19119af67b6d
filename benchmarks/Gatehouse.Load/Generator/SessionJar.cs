namespace Gatehouse.Load;

/// <summary>For each account the session to come back with. In TLS 1.3 a session is taken out when it is used, as RFC 8446 appendix C.4 wants it.</summary>
internal sealed class SessionJar(LoadTarget target)
{
    private readonly TlsSession?[] _sessions = new TlsSession?[target.Certificates.Accounts.Count];

    /// <summary>
    /// Makes a new session for every account; not to be measured. Before each stretch: a server whose sessions are bounded loses those of TLS 1.2,
    /// which nobody renews, while others are measured that make one with every connection.
    /// </summary>
    public void Fill()
    {
        var answers = new AnswerReader();
        for (var i = 0; i < _sessions.Length; i++)
        {
            var account = target.Certificates.Accounts[i];
            using var connection = LoadConnection.Open(target, account.HostName, account.Profile(target.Tls), session: null);
            answers.Last(connection, account);
            Put(i, connection.TakeSession() ?? throw new BenchFailedException($"{target.Name} gives no session to resume with {LoadTarget.NameOf(target.Tls)}."));
        }
    }

    /// <summary>The session of an account; null when it is in use.</summary>
    public TlsSession? Take(int account) => Interlocked.Exchange(ref _sessions[account], null);

    public void Put(int account, TlsSession? session) => Interlocked.Exchange(ref _sessions[account], session)?.Dispose();
}
