using System.Runtime.InteropServices;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>
/// Sends OpenSSL 3's parsing of public keys down its older, quicker road: about 10 µs a certificate instead of 70. An ENGINE whose RSA and EC
/// methods are copies of the built-in ones makes libcrypto take it. Process-wide, on a deprecated interface: only behind <see cref="LegacyKeyDecoderCheck"/>.
/// </summary>
internal static unsafe class LegacyKeyDecoder
{
    private const int NidRsa = 6, NidEc = 408, FlagAutoArgLen = 2;
    private static nint s_engine, s_rsa, s_ec;
    private static int* s_nids;

    /// <summary>Switches it on; false when this OpenSSL has no engines.</summary>
    public static bool TryRegister()
    {
        try
        {
            return s_engine != 0 || Register();
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return false; // OpenSSL 4, or one built without engines.
        }
    }

    /// <summary>Switches it off again. What was parsed meanwhile stays usable.</summary>
    public static void Unregister()
    {
        if (s_engine == 0)
            return;
        Native.ENGINE_unregister_pkey_meths(s_engine);
        _ = Native.ENGINE_remove(s_engine);
        s_engine = 0;
    }

    private static bool Register()
    {
        if (s_nids == null)
        {
            // As long as the process: keys hold pointers to them.
            s_nids = (int*)NativeMemory.Alloc(2 * sizeof(int));
            (s_nids[0], s_nids[1]) = (NidRsa, NidEc);
            s_rsa = Copy(NidRsa, FlagAutoArgLen);
            s_ec = Copy(NidEc, 0);
        }
        if (s_rsa == 0 || s_ec == 0)
            return false;
        var engine = Native.ENGINE_new();
        if (engine == 0)
            return false;
        if (Native.ENGINE_set_id(engine, "gatehouse") == 1 && Native.ENGINE_set_name(engine, "Gatehouse key methods") == 1
            && Native.ENGINE_set_pkey_meths(engine, &Methods) == 1 && Native.ENGINE_add(engine) == 1 && Native.ENGINE_register_pkey_meths(engine) == 1)
        {
            s_engine = engine;
            return true;
        }
        Native.ERR_clear_error();
        _ = Native.ENGINE_free(engine);
        return false;
    }

    private static nint Copy(int nid, int flags)
    {
        var builtIn = Native.EVP_PKEY_meth_find(nid);
        var copy = builtIn == 0 ? 0 : Native.EVP_PKEY_meth_new(nid, flags);
        if (copy != 0)
            Native.EVP_PKEY_meth_copy(copy, builtIn);
        return copy;
    }

    // ENGINE_PKEY_METHS_PTR: without a place for the method it asks which there are.
    [UnmanagedCallersOnly]
    private static int Methods(nint engine, nint* method, int** nids, int nid)
    {
        if (method == null)
        {
            *nids = s_nids;
            return 2;
        }
        *method = nid switch { NidRsa => s_rsa, NidEc => s_ec, _ => 0 };
        return *method != 0 ? 1 : 0;
    }
}
