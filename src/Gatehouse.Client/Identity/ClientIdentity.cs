using System.Text;
using Gatehouse.Pki;

namespace Gatehouse.Client;

/// <summary>
/// The client certificate and key of two PEM files and the folder of extra server roots, read again when their content changes. The content is
/// compared, not times or inodes: that sees renames, in-place writes and the symlink swaps of Kubernetes Secrets alike. The files are judged and taken
/// over as one unit; what cannot be used is reported once, and the last good unit stays.
/// </summary>
public sealed class ClientIdentity
{
    /// <summary>Between looks.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    /// <summary>What changed is read again after this time, and judged when it is still the same: nobody judges a file that is being written.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(250);

    /// <summary>Files that never keep still are looked at again at the next regular look.</summary>
    private const int MaxSettling = 4;

    private readonly IdentityFiles _files;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly Lock _checking = new();
    private IdentityContents _seen;
    private volatile ConnectionMaterial _current;
    private volatile ReloadReport _report;
    private byte[] _pairInUse, _rootsInUse;
    private IReadOnlyList<string> _rootPaths;

    private ClientIdentity(IdentityFiles files, TimeProvider time, Action<string> warn)
    {
        (_files, _time, _warn) = (files, time, warn);
        var contents = IdentityContents.Read(files);
        if (contents.PairProblem is { } problem)
            throw new ClientIdentityException(problem);
        var roots = ServerRoots.Of(contents, files.RootsDirectory);
        foreach (var sentence in roots.Skipped)
            warn(sentence);
        _current = new ConnectionMaterial(contents.Pair is null ? null : new LoadedIdentity(Parse(contents), 1), roots.Trust);
        _report = new ReloadReport(time.GetUtcNow(), ReloadResult.Loaded, "", _current.Identity?.Facts);
        (_seen, _pairInUse, _rootsInUse, _rootPaths) = (contents.WithoutSecrets(), contents.PairHash, contents.RootsHash, roots.Paths);
    }

    /// <summary>Raised after a rotation, on the watching task.</summary>
    public event Action<ConnectionMaterial>? Replaced;

    /// <summary>Raised with a sentence once for each content that is not taken over.</summary>
    public event Action<string>? Failed;

    /// <summary>What new connections are made with.</summary>
    public ConnectionMaterial Material => _current;

    /// <summary>The newest pair that could be used.</summary>
    /// <exception cref="InvalidOperationException">No client certificate was named.</exception>
    public LoadedIdentity Current => _current.Identity ?? throw new InvalidOperationException("No client certificate was named.");

    /// <summary>How the files stand to what is in use.</summary>
    public ReloadReport Report => _report;

    /// <summary>Which files are watched.</summary>
    public IdentityFiles Files => _files;

    /// <summary>Rotations since the start.</summary>
    public long Reloads { get; private set; }

    /// <summary>Contents that were not taken over since the start.</summary>
    public long FailedReloads { get; private set; }

    /// <summary>Reads a pair; servers are believed as the system does.</summary>
    /// <exception cref="ClientIdentityException">A file is missing, unreadable, or the two do not fit.</exception>
    public static ClientIdentity Load(string certificatePath, string keyPath, TimeProvider time) =>
        Load(new IdentityFiles(certificatePath, keyPath, null), time, _ => { });

    /// <summary>Reads the files.</summary>
    /// <param name="files">Which.</param>
    /// <param name="time">The clock of looks and of validity.</param>
    /// <param name="warn">Called with a sentence for each file that is skipped as a source of server roots.</param>
    /// <exception cref="ClientIdentityException">A file of the pair is missing, unreadable, or the two do not fit.</exception>
    public static ClientIdentity Load(IdentityFiles files, TimeProvider time, Action<string> warn) => new(files, time, warn);

    /// <summary>A pair by value, which never changes: for a process that another one hands what is in use.</summary>
    /// <exception cref="ClientIdentityException">The two do not fit.</exception>
    public static ClientIdentity Of(string certificatePem, string keyPem)
    {
        try
        {
            var pair = new LoadedIdentity(PemIdentity.Parse(certificatePem, keyPem), 1);
            return new ClientIdentity(new IdentityFiles(null, null, null), TimeProvider.System, _ => { }) { _current = new ConnectionMaterial(pair, ServerTrust.SystemOnly) };
        }
        catch (PemIdentityException failure)
        {
            throw new ClientIdentityException(failure.Message, failure);
        }
    }

    /// <summary>Looks at the files every two seconds until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(s_pause, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
                await LookAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    /// <summary>Looks at the files once, and judges them as they are. True when something new is in use.</summary>
    public bool Check() => Consider(IdentityContents.Read(_files));

    private async Task LookAsync(CancellationToken cancel)
    {
        var contents = IdentityContents.Read(_files);
        for (var i = 0; i < MaxSettling && !contents.IsSameAs(_seen); i++)
        {
            await Task.Delay(s_settling, _time, cancel);
            var again = IdentityContents.Read(_files);
            if (again.IsSameAs(contents))
                break;
            contents = again;
            if (i == MaxSettling - 1)
                return;
        }

        Consider(contents);
    }

    private bool Consider(IdentityContents contents)
    {
        ConnectionMaterial next;
        lock (_checking)
        {
            // What was refused is not judged again, but for what only its time was wrong with.
            if (contents.IsSameAs(_seen) && _report.Result != ReloadResult.Waiting)
                return false;
            if (contents.PairHash.AsSpan().SequenceEqual(_pairInUse) && contents.RootsHash.AsSpan().SequenceEqual(_rootsInUse))
                return BackToWhatIsInUse(contents);
            var isNews = !contents.IsSameAs(_seen);
            _seen = contents.WithoutSecrets();
            try
            {
                next = Judge(contents, isNews);
            }
            catch (ClientIdentityException failure)
            {
                Tell(contents, ReloadResult.Refused, failure.Message);
                return false;
            }
            catch (NotYetValidException early)
            {
                if (isNews)
                    Tell(contents, ReloadResult.Waiting, early.Message);
                return false;
            }

            (_current, _pairInUse, _rootsInUse) = (next, contents.PairHash, contents.RootsHash);
            _report = new ReloadReport(_time.GetUtcNow(), ReloadResult.Loaded, "", next.Identity?.Facts);
            Reloads++;
        }

        Replaced?.Invoke(next);
        return true;
    }

    /// <summary>A rotation that was begun and taken back.</summary>
    private bool BackToWhatIsInUse(IdentityContents contents)
    {
        _seen = contents.WithoutSecrets();
        _report = new ReloadReport(_time.GetUtcNow(), ReloadResult.Loaded, "", _current.Identity?.Facts);
        return false;
    }

    /// <summary>What is to be used from now on. Parts whose content has not changed stay the same objects.</summary>
    private ConnectionMaterial Judge(IdentityContents contents, bool isNews)
    {
        var (identity, trust) = (_current.Identity, _current.Trust);
        if (identity is not null && !contents.PairHash.AsSpan().SequenceEqual(_pairInUse))
            identity = JudgePair(contents, identity);
        if (contents.RootsHash.AsSpan().SequenceEqual(_rootsInUse))
            return new ConnectionMaterial(identity, trust);
        var roots = ServerRoots.Of(contents, _files.RootsDirectory);
        if (roots.WhyLess(_rootPaths) is { } less)
            throw new ClientIdentityException(less);
        if (isNews)
        {
            foreach (var sentence in roots.Skipped)
                _warn(sentence);
        }

        _rootPaths = roots.Paths;
        return new ConnectionMaterial(identity, roots.Trust);
    }

    /// <summary>A new pair must not be worse than the one in use: what a gateway is sure to refuse replaces only what it refuses as well.</summary>
    private LoadedIdentity JudgePair(IdentityContents contents, LoadedIdentity inUse)
    {
        if (contents.PairProblem is { } problem)
            throw new ClientIdentityException(problem);
        var next = new LoadedIdentity(Parse(contents), inUse.Generation + 1);
        var now = _time.GetUtcNow();
        if (next.Objection(now) is not { } objection || inUse.Objection(now) is not null)
            return next;
        return next.Facts.NotBefore > now
            ? throw new NotYetValidException($"{objection} It is taken over by itself when that time has come.")
            : throw new ClientIdentityException($"The client certificate {contents.Pair!.CertificatePath} is not taken over: {objection}");
    }

    private void Tell(IdentityContents contents, ReloadResult result, string reason)
    {
        var kept = _current.Identity is { } inUse ? $" The certificate with serial {inUse.Facts.SerialNumber} stays in use." : " What was read before stays in use.";
        _report = new ReloadReport(_time.GetUtcNow(), result, reason, OnDisk(contents));
        FailedReloads++;
        Failed?.Invoke(reason + kept);
    }

    /// <summary>The certificate of a pair that need not be one, for people.</summary>
    private static CertificateFacts? OnDisk(IdentityContents contents)
    {
        try
        {
            using var file = PkiFile.Read(contents.Certificate);
            return file.Certificates.Count > 0 ? CertificateFacts.TryRead(file.Certificates[0]) : null;
        }
        catch (PkiFileException)
        {
            return null;
        }
    }

    private static PemIdentity Parse(IdentityContents contents)
    {
        try
        {
            return PemIdentity.Parse(Encoding.UTF8.GetString(contents.Certificate), Encoding.UTF8.GetString(contents.Key));
        }
        catch (PemIdentityException failure)
        {
            throw new ClientIdentityException($"The client certificate {contents.Pair!.CertificatePath} with the key {contents.Pair.KeyPath} cannot be used: {failure.Message}", failure);
        }
    }

    private sealed class NotYetValidException(string message) : Exception(message);
}
