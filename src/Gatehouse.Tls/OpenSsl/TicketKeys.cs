using System.Security.Cryptography;
using System.Text;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// The keys in force: from the operator's file, so that gateways share them, looked at again every ten seconds; or made here, a new one
/// every hour, the two before it still good for tickets that are out. A file that cannot be used changes nothing. Thread-safe.
/// </summary>
internal sealed class TicketKeys
{
    private static readonly TimeSpan s_rotation = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(10);
    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private volatile TicketKey[] _keys;
    private long _since;

    /// <exception cref="TlsEngineException">The file cannot be used.</exception>
    public TicketKeys(string? path, TimeProvider time)
    {
        (_path, _time, _since) = (path, time, time.GetTimestamp());
        _keys = path is null ? [TicketKey.Random()] : ReadFile(path);
    }

    /// <summary>The first encrypts, all decrypt.</summary>
    public TicketKey[] Current
    {
        get
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _since)) >= (_path is null ? s_rotation : s_look))
                Renew();
            return _keys;
        }
    }

    /// <summary>The key of that name and whether it is the one in force; null when it is gone.</summary>
    public TicketKey? Find(ReadOnlySpan<byte> name, out bool isInForce)
    {
        var keys = Current;
        for (var i = 0; i < keys.Length; i++)
        {
            if (!CryptographicOperations.FixedTimeEquals(keys[i].Name, name))
                continue;
            isInForce = i == 0;
            return keys[i];
        }
        isInForce = false;
        return null;
    }

    private void Renew()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_since) < (_path is null ? s_rotation : s_look))
                return;
            Volatile.Write(ref _since, _time.GetTimestamp());
            try
            {
                _keys = _path is null ? [TicketKey.Random(), .. _keys.Take(2)] : ReadFile(_path);
            }
            catch (TlsEngineException)
            {
                // Half-written, or gone for a moment: the keys we have stay good, and the next look comes.
            }
        }
    }

    private static TicketKey[] ReadFile(string path)
    {
        try
        {
            return TicketKey.ParseAll(File.ReadAllText(path, Encoding.ASCII));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TlsEngineException($"The file of ticket keys cannot be read ({path}): {e.Message} See agent.tls.ticketKeys.", e);
        }
    }
}
