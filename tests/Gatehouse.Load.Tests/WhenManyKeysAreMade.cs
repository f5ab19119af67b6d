using System.Security.Cryptography;

namespace Gatehouse.Load.Tests;

public sealed class WhenManyKeysAreMade
{
    private const int Count = 15;

    [Fact]
    public void Each_is_another_RSA_2048_key_that_signs_what_the_platform_verifies()
    {
        var pool = new RsaKeyPool(Count);
        var moduli = new HashSet<string>();
        for (var i = 0; i < Count; i++)
        {
            using var key = pool.Take();
            using var verifier = RSA.Create(key.ExportParameters(includePrivateParameters: false));
            Assert.Equal(2048, verifier.KeySize);
            var signature = key.SignData("signed"u8, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            Assert.True(verifier.VerifyData("signed"u8, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            Assert.True(moduli.Add(Convert.ToHexString(key.ExportParameters(includePrivateParameters: false).Modulus!)));
        }
    }
}
