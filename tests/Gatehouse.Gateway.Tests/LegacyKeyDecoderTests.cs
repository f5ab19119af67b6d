using Gatehouse.Tls;
using Gatehouse.Tls.OpenSsl;

namespace Gatehouse.Gateway.Tests;

public sealed class LegacyKeyDecoderTests
{
    [Fact]
    public void Debians_OpenSSL_passes_the_check_and_off_is_off()
    {
        using (var engine = new OpenSslEngine(new TlsEngineOptions { LegacyKeyDecoder = LegacyKeyDecoderMode.Auto }))
            Assert.StartsWith("legacy: ", engine.KeyDecoder, StringComparison.Ordinal);
        using (var engine = new OpenSslEngine(new TlsEngineOptions { LegacyKeyDecoder = LegacyKeyDecoderMode.Off }))
            Assert.Equal("default", engine.KeyDecoder);
    }
}
