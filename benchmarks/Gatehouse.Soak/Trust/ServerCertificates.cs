using System.Runtime.InteropServices;

namespace Gatehouse.Soak.Trust;

/// <summary>
/// The server's certificate, replaced again and again as a cluster's secret mount does it: both files in a folder of their own behind a
/// link that is swapped. Remembers which was in force when.
/// </summary>
internal sealed partial class ServerCertificates
{
    /// <summary>The server looks once a second; "within a second or two", says its reference.</summary>
    private const double TakenOverWithin = 2500;

    private readonly TestAuthority _authority;
    private readonly string _folder, _domain;
    private readonly DateTimeOffset _notAfter;
    private readonly Lock _lock = new();
    private readonly List<(string Der, double From, double Replaced)> _known = [];
    private int _number;

    public ServerCertificates(TestAuthority authority, string folder, string domain, DateTimeOffset notAfter)
    {
        (_authority, _folder, _domain, _notAfter) = (authority, folder, domain, notAfter);
        Replace();
    }

    public string CertificatePath => Path.Combine(_folder, "current", "tls.crt");
    public string KeyPath => Path.Combine(_folder, "current", "tls.key");

    /// <summary>Makes the next one and swaps the link.</summary>
    public void Replace()
    {
        var issued = _authority.IssueServer(_domain, _notAfter);
        var version = $"v{++_number}";
        var folder = Directory.CreateDirectory(Path.Combine(_folder, version)).FullName;
        File.Move(issued.Certificate, Path.Combine(folder, "tls.crt"));
        File.Move(issued.Key, Path.Combine(folder, "tls.key"));
        lock (_lock)
        {
            if (_known.Count > 0)
                _known[^1] = _known[^1] with { Replaced = SoakClock.Now };
            _known.Add((Convert.ToHexString(issued.Der), SoakClock.Now, double.PositiveInfinity));
        }
        var link = Path.Combine(_folder, "next");
        File.CreateSymbolicLink(link, version);
        // Not File.Move, which does not move a link to a folder over another.
        if (Rename(link, Path.Combine(_folder, "current")) != 0)
            throw new SoakFailedException($"rename({link}) failed.");
        if (_number > 3)
            Directory.Delete(Path.Combine(_folder, $"v{_number - 3}"), recursive: true);
    }

    /// <summary>True when the server might rightly show this certificate in a handshake of that time.</summary>
    public bool MayBeShown(byte[] der, double from, double to)
    {
        var text = Convert.ToHexString(der);
        lock (_lock)
            return _known.Exists(k => k.Der == text && k.From <= to && k.Replaced + TakenOverWithin >= from);
    }

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
