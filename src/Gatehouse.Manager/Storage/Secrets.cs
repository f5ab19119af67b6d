using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Gatehouse.Manager.Storage;

/// <summary>
/// Encrypts what must not be readable in a stolen database. The purpose holds the row's identity, so that a value copied
/// into another row does not open there.
/// </summary>
internal sealed class Secrets(IDataProtectionProvider provider)
{
    public byte[] Seal(string kind, string accountId, string id, byte[] value) => Protector(kind, accountId, id).Protect(value);

    /// <exception cref="CryptographicException">The keys in the data directory are not those it was written with, or the value was tampered with.</exception>
    public byte[] Open(string kind, string accountId, string id, byte[] value) => Protector(kind, accountId, id).Unprotect(value);

    private IDataProtector Protector(string kind, string accountId, string id) =>
        provider.CreateProtector("Gatehouse.Manager", kind, accountId, id);
}
