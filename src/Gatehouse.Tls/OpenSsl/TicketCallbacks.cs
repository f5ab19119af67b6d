using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>Stateless tickets: their keys, and what stands in them besides OpenSSL's session. The rules are those of <see cref="HandshakeCallbacks"/>.</summary>
internal static unsafe class TicketCallbacks
{
    private const int NameBytes = 16, IvBytes = 16;

    [UnmanagedCallersOnly]
    public static int SelectKey(nint ssl, byte* name, byte* iv, nint cipher, nint mac, int encrypt)
    {
        const int Failed = -1, Unknown = 0, Found = 1, FoundButOld = 2;
        var flow = OpenSslSession.Current?.Flow;
        try
        {
            if (flow?.TicketKeys is not { } keys)
                return Failed;
            if (encrypt == 1)
            {
                var key = keys.Current[0];
                key.Name.CopyTo(new Span<byte>(name, NameBytes));
                RandomNumberGenerator.Fill(new Span<byte>(iv, IvBytes));
                return Use(key, iv, cipher, mac, encrypt) ? Found : Failed;
            }
            var known = keys.Find(new ReadOnlySpan<byte>(name, NameBytes), out var isInForce);
            return known is null ? Unknown : !Use(known, iv, cipher, mac, encrypt) ? Failed : isInForce ? Found : FoundButOld;
        }
        catch (Exception e)
        {
            flow?.Fault ??= e;
            return Failed;
        }
    }

    private static bool Use(TicketKey key, byte* iv, nint cipher, nint mac, int encrypt)
    {
        fixed (byte* cipherKey = key.Cipher, macKey = key.Mac, keyName = "key"u8, digestName = "digest"u8, digest = "SHA256"u8)
        {
            const uint Utf8String = 4, OctetString = 5;
            Span<OsslParameter> parameters =
            [
                new() { Key = keyName, Type = OctetString, Data = macKey, Size = (nuint)key.Mac.Length, Returned = nuint.MaxValue },
                new() { Key = digestName, Type = Utf8String, Data = digest, Size = 6, Returned = nuint.MaxValue },
                default,
            ];
            fixed (OsslParameter* first = parameters)
            {
                return Native.EVP_CipherInit_ex(cipher, Native.EVP_aes_256_cbc(), 0, cipherKey, iv, encrypt) == 1
                    && Native.EVP_MAC_CTX_set_params(mac, first) == 1;
            }
        }
    }

    [UnmanagedCallersOnly]
    public static int Generate(nint ssl, nint argument)
    {
        const int Go = 1;
        var flow = OpenSslSession.Current?.Flow;
        try
        {
            // Without this a ticket that comes back cannot be judged, and is not used.
            if (flow?.TicketData(Native.SSL_session_reused(ssl) == 1) is { } data)
            {
                fixed (byte* bytes = data)
                    _ = Native.SSL_SESSION_set1_ticket_appdata(Native.SSL_get_session(ssl), bytes, (nuint)data.Length);
            }
        }
        catch (Exception e)
        {
            flow?.Fault ??= e;
        }
        return Go;
    }

    [UnmanagedCallersOnly]
    public static int Open(nint ssl, nint session, byte* name, nuint nameLength, int status, nint argument)
    {
        const int Empty = 3, NoDecrypt = 4, Success = 5, SuccessRenew = 6;
        const int Ignore = 1, IgnoreAndRenew = 2, UseIt = 3, UseAndRenew = 4;
        var flow = OpenSslSession.Current?.Flow;
        try
        {
            if (status is Empty or NoDecrypt)
                return IgnoreAndRenew;
            if (status is not (Success or SuccessRenew) || flow is null)
                return Ignore;
            var leaf = Native.SSL_SESSION_get0_peer(session);
            void* data = null;
            nuint length = 0;
            if (Native.SSL_SESSION_get0_ticket_appdata(session, &data, &length) != 1 || data == null)
                return IgnoreAndRenew;
            var chain = TicketChain.Read(leaf == 0 ? [] : HandshakeCallbacks.Der(leaf), new ReadOnlySpan<byte>(data, (int)length));
            return chain is null || !flow.Resume(chain) ? IgnoreAndRenew : status == SuccessRenew ? UseAndRenew : UseIt;
        }
        catch (Exception e)
        {
            flow?.Fault ??= e;
            return Ignore;
        }
    }
}
