using System.Security.Cryptography;

namespace Gatehouse.Tls.OpenSsl;

/// <summary>What <see cref="LegacyKeyDecoderCheck"/> switches and compares, on the real libraries. Tests deviate from it in one thing at a time.</summary>
internal unsafe class KeyDecoderTrial
{
    /// <summary>Measures what it gains.</summary>
    public virtual TimeProvider Time => TimeProvider.System;

    /// <summary>Switches the decoder on; false when this OpenSSL has no engines.</summary>
    public virtual bool TrySwitchOn() => LegacyKeyDecoder.TryRegister();

    /// <summary>Switches it off, whether or not it was on.</summary>
    public virtual void SwitchOff() => LegacyKeyDecoder.Unregister();

    /// <summary>A certificate's public key as libcrypto's decoder understands it, encoded anew: SubjectPublicKeyInfo, DER; empty when it understands none.</summary>
    /// <exception cref="TlsEngineException">It cannot be read.</exception>
    public virtual byte[] KeyOf(byte[] certificate)
    {
        fixed (byte* bytes = certificate)
        {
            var next = bytes;
            var native = Native.d2i_X509(0, &next, certificate.Length);
            if (native == 0)
                throw OpenSslError.Take("d2i_X509");
            try
            {
                var key = Native.X509_get0_pubkey(native);
                var length = key == 0 ? 0 : Native.i2d_PUBKEY(key, null);
                var encoded = new byte[Math.Max(0, length)];
                fixed (byte* output = encoded)
                {
                    var end = output;
                    _ = length > 0 ? Native.i2d_PUBKEY(key, &end) : 0;
                }
                return encoded;
            }
            finally
            {
                Native.X509_free(native);
            }
        }
    }

    /// <summary>Whether the platform's cryptography, which runs on the same library, takes a signature for the owner's of an RSA key (SHA-256).</summary>
    public virtual bool Verifies(RSA key, byte[] data, byte[] signature, RSASignaturePadding padding) => key.VerifyData(data, signature, HashAlgorithmName.SHA256, padding);

    /// <summary>As above, for a key on a curve.</summary>
    public virtual bool Verifies(ECDsa key, byte[] data, byte[] signature) => key.VerifyData(data, signature, HashAlgorithmName.SHA256);
}
