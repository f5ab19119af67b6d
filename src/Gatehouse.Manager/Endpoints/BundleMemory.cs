using System.Text;
using Gatehouse.Pki;

namespace Gatehouse.Manager.Endpoints;

/// <summary>
/// Where the bundles that are read at start lie: many in one block. A hundred thousand small arrays cost the collector more
/// before they settle, and blocks that are not pinned are copied each time. A block goes when none of its bundles is in force any more.
/// Used by one thread.
/// </summary>
internal sealed class BundleMemory
{
    // Below the limit for large objects: those would ask for a full collection every few megabytes.
    private const int BlockBytes = 64 * 1024;

    private Memory<byte> _free;

    /// <summary>The bundle of a stored PEM text as DER; empty when it cannot be read: that account's trust is unusable then, and only that account's (threat A5).</summary>
    public ReadOnlyMemory<byte> Read(ReadOnlySpan<byte> pem)
    {
        // DER is three quarters of its Base64: where the longest text fits, any does.
        if (_free.Length < BundleDer.MaxNormalized)
            _free = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
        if (!BundleDer.TryDecodeNormalized(pem, _free.Span, out var length))
            return DerOf(Encoding.UTF8.GetString(pem));
        var bundle = _free[..length];
        _free = _free[length..];
        return bundle;
    }

    /// <summary>The same for one that has memory of its own.</summary>
    public static ReadOnlyMemory<byte> DerOf(string pem)
    {
        try
        {
            return BundleDer.FromPem(pem);
        }
        catch (CaBundleException)
        {
            return default;
        }
    }
}
