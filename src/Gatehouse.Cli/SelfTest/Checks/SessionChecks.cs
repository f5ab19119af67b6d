using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>
/// A1: a session earned at the endpoint is presented elsewhere. Being resumed there is wrong even when a later look refuses it:
/// the only thing between the tenants is then that look.
/// </summary>
internal sealed class SessionChecks(Lab lab) : CheckGroup(lab)
{
    private const string NoSession = "no session was handed out, so there is none to carry over";

    public override IEnumerable<Check> All()
    {
        foreach (var (version, flag) in new[] { ("TLS 1.3", "-tls1_3"), ("TLS 1.2", "-tls1_2") })
        {
            yield return Carried(version, flag, "at the other tenant's name", Input.Other, Input.Other?.Host, "give --other-url");
            yield return Carried(version, flag, "at the shared host's name", Input.Shared, Input.Shared?.Host, "give --shared-url");
            yield return Carried(version, flag, "on a connection without server name", Input.Site, null, "");
            yield return Lab.OpenSsl is null
                ? Check.NotTested(Threats.A1, $"{version}: a session earned here, at its own name", NeedsOpenSsl)
                : new(Threats.A1, $"{version}: a session earned here, at its own name (it may be resumed)", cancellationToken => AtHomeAsync(flag, cancellationToken));
        }
    }

    private Check Carried(string version, string flag, string where, Site? to, string? serverName, string needs)
    {
        var sent = $"{version}: a session earned here, {where}";
        return to is null ? Check.NotTested(Threats.A1, sent, needs)
            : Lab.OpenSsl is null ? Check.NotTested(Threats.A1, sent, NeedsOpenSsl)
            : new Check(Threats.A1, sent, cancellationToken => CarryAsync(flag, to, serverName, cancellationToken));
    }

    private async Task<Finding> CarryAsync(string flag, Site to, string? serverName, CancellationToken cancellationToken)
    {
        using var session = new SessionFile();
        await EarnAsync(flag, session, cancellationToken);
        if (!session.IsEarned)
            return Finding.Pass(NoSession);
        var there = await PresentAsync(flag, session, to, serverName, cancellationToken);
        var isStranger = Input.Client is not null && to != Input.Shared;
        return there.IsResumed ? Finding.Fail($"the session was resumed there; then {there.Answer.Told}")
            : there.Answer.IsServed && isStranger ? Finding.Fail($"not resumed, but served all the same: {there.Answer.Told}")
            : Finding.Pass($"not resumed; {there.Answer.Told}");
    }

    private async Task<Finding> AtHomeAsync(string flag, CancellationToken cancellationToken)
    {
        using var session = new SessionFile();
        var first = await EarnAsync(flag, session, cancellationToken);
        if (!session.IsEarned)
            return Finding.Pass("no session was handed out: every handshake is a full one");
        var again = await PresentAsync(flag, session, Input.Site, Input.Site.Host, cancellationToken);
        return Finding.When(again.Answer.SameAs(first.Answer), $"{(again.IsResumed ? "resumed" : "not resumed")}; {again.Answer.Told}, the first time {first.Answer.Told}");
    }

    private Task<OpenSslOutput> EarnAsync(string flag, SessionFile session, CancellationToken cancellationToken) =>
        Lab.OpenSslAsync(Input.Site, Input.Site.Host, [flag, "-sess_out", session.Path, .. Identity()], null, Lab.OwnRequest(), cancellationToken);

    private Task<OpenSslOutput> PresentAsync(string flag, SessionFile session, Site to, string? serverName, CancellationToken cancellationToken) =>
        Lab.OpenSslAsync(to, serverName, [flag, "-sess_in", session.Path, .. Identity()], null, Lab.Request(to.HostAndPort, PathAt(to)), cancellationToken);

    private string? PathAt(Site to) => to == Input.Other && Input.OtherAccount is { } account ? Lab.StatusPath(account) : null;

    private string[] Identity() => Input.Client is { } client ? ["-cert", client.CertificatePath, "-key", client.KeyPath] : [];

    /// <summary>A session is as good as the certificate it was earned with: the file is the owner's, and goes at once.</summary>
    private sealed class SessionFile : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gatehouse-selftest-");

        public string Path => System.IO.Path.Combine(_folder.FullName, "session.pem");

        public bool IsEarned => new FileInfo(Path) is { Exists: true, Length: > 0 };

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
