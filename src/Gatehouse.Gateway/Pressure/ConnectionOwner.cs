using System.Net;

namespace Gatehouse.Gateway;

/// <summary>
/// Against whose share an admitted connection counts: the account's when a certificate of it was verified, else the address's, wherever it connected.
/// Who has no certificate cannot use up what belongs to an account, not even at its own endpoint in LOOSE mode.
/// </summary>
internal readonly record struct ConnectionOwner(string? Account, AddressPrefix Address)
{
    public static ConnectionOwner Of(string account) => new(account, default);

    public static ConnectionOwner Of(IPAddress? address) => new(null, AddressPrefix.Of(address));
}
