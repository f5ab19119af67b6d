using System.Numerics;
using System.Security.Cryptography;

namespace Gatehouse.Load;

/// <summary>
/// Many different RSA 2048 keys at once. To find primes takes longest, so a few keys are made by the platform and each pair of their primes
/// gives a key more. Such keys can be factored by whoever sees two of them, which is no matter here; they cost every server what others do.
/// </summary>
internal sealed class RsaKeyPool
{
    private static readonly BigInteger s_exponent = 65537;
    private readonly BigInteger[] _primes;
    private int _first, _second;

    /// <param name="count">How many keys will be taken.</param>
    public RsaKeyPool(int count)
    {
        // n primes give n(n-1)/2 pairs.
        var primes = 2;
        while (primes * (primes - 1) / 2 < count)
            primes += 2;
        _primes = new BigInteger[primes];
        for (var i = 0; i < primes; i += 2)
        {
            using var key = RSA.Create(2048);
            var parts = key.ExportParameters(includePrivateParameters: true);
            (_primes[i], _primes[i + 1]) = (Number(parts.P!), Number(parts.Q!));
        }
    }

    /// <summary>A key that was not taken yet.</summary>
    public RSA Take()
    {
        if (++_second == _primes.Length)
            _second = ++_first + 1;
        var (p, q) = (_primes[_first], _primes[_second]);
        var d = Inverse(s_exponent, (p - 1) * (q - 1));
        return RSA.Create(new RSAParameters
        {
            Modulus = Bytes(p * q, 256),
            Exponent = Bytes(s_exponent, 3),
            P = Bytes(p, 128),
            Q = Bytes(q, 128),
            D = Bytes(d, 256),
            DP = Bytes(d % (p - 1), 128),
            DQ = Bytes(d % (q - 1), 128),
            InverseQ = Bytes(Inverse(q, p), 128),
        });
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger value, int length)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - bytes.Length], .. bytes];
    }

    // Extended Euclid.
    private static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        var (r, next, t, nextT) = (modulus, value % modulus, BigInteger.Zero, BigInteger.One);
        while (!next.IsZero)
        {
            var quotient = r / next;
            (r, next) = (next, r - (quotient * next));
            (t, nextT) = (nextT, t - (quotient * nextT));
        }
        return t.Sign < 0 ? t + modulus : t;
    }
}
