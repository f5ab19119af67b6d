namespace Gatehouse.Load;

/// <summary>For each account the session to come back with. In TLS 1.3 a session is taken out when it is used, as RFC 8446 appendix C.4 wants it.</summary>
internal sealed class SessionJar(LoadTarget target)
{
    // Servers keep sessions for five minutes at the least (nginx).
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(2);
    private readonly TlsSession?[] _sessions = new TlsSession?[target.Certificates.Accounts.Count];
    private DateTimeOffset _filledAt;

    /// <summary>Makes a new session for every account if the last ones are not of late; not to be measured.</summary>
    public void Fill()
    {
        var now = TimeProvider.System.GetUtcNow();
        if (now - _filledAt < s_fresh)
            return;
        var answers = new AnswerReader();
        for (var i = 0; i < _sessions.Length; i++)
        {
            var account = target.Certificates.Accounts[i];
            using var connection = LoadConnection.Open(target, account.HostName, account.Profile(target.Tls), session: null);
            answers.Last(connection, account);
            Put(i, connection.TakeSession() ?? throw new BenchFailedException($"{target.Name} gives no session to resume with {LoadTarget.NameOf(target.Tls)}."));
        }
        _filledAt = now;
    }

    /// <summary>The session of an account; null when it is in use.</summary>
    public TlsSession? Take(int account) => Interlocked.Exchange(ref _sessions[account], null);

    public void Put(int account, TlsSession? session) => Interlocked.Exchange(ref _sessions[account], session)?.Dispose();
}
