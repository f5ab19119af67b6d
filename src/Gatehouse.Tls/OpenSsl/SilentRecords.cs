namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// Bounds records that bring no plaintext: key updates above all, 27 bytes each, for which OpenSSL makes new keys, as many as come in one go; also
/// ClientHellos within a connection of TLS 1.2, warnings, empty records. A client may send a few, and as many again as it sends plaintext in between.
/// </summary>
internal struct SilentRecords
{
    /// <summary>What OpenSSL asks for when a record begins (RFC 8446 §5.1).</summary>
    public const int HeaderBytes = 5;

    /// <summary>Borne with at once.</summary>
    private const int Most = 64;

    /// <summary>One more for so many records with plaintext.</summary>
    private const int PlaintextEach = 16;

    private int _begun;
    private int _debt;

    /// <summary>A record begins; false when it is one too many.</summary>
    public bool TryBegin() => _debt + (_begun++ * PlaintextEach) <= Most * PlaintextEach;

    /// <summary>Plaintext came: of the records that began since the last time, one brought it.</summary>
    public void Brought()
    {
        if (_begun == 0)
            return; // The rest of a record that was read in part.
        _debt = Math.Max(0, _debt + ((_begun - 1) * PlaintextEach) - 1);
        _begun = 0;
    }
}
