using System.Security.Cryptography;
using Gatehouse.Tls;
using Gatehouse.Tls.OpenSsl;

namespace Gatehouse.Gateway.Tests;

/// <summary>The check at start, on the real decoder and on ones that deviate from it in one thing each.</summary>
public sealed class LegacyKeyDecoderTests
{
    private static readonly TlsEngineOptions s_auto = new() { LegacyKeyDecoder = LegacyKeyDecoderMode.Auto };
    private static readonly TlsEngineOptions s_on = new() { LegacyKeyDecoder = LegacyKeyDecoderMode.On };

    /// <summary>The real decoder, except for one thing that is done to it once it is on; a key takes 100 µs before, and 10 then, so that a busy machine decides nothing.</summary>
    private sealed class Trial(string deviation = "none") : KeyDecoderTrial
    {
        private readonly FakeClock _clock = new();

        public bool IsOn { get; private set; }
        public int Keys { get; private set; }
        public override TimeProvider Time => _clock;

        public override bool TrySwitchOn() => deviation != "no engines" && (IsOn = base.TrySwitchOn());

        public override void SwitchOff()
        {
            base.SwitchOff();
            IsOn = false;
        }

        public override byte[] KeyOf(byte[] certificate)
        {
            Keys++;
            _clock.Advance(TimeSpan.FromMicroseconds(!IsOn ? 100 : deviation == "no gain" ? 51 : 10));
            var key = base.KeyOf(certificate);
            if (!IsOn)
                return key;
            switch (deviation)
            {
                case "another byte": // In the last certificate's key only, the RSA one, and there the exponent's last byte.
                    key[^1] ^= (byte)(key.Length > 200 ? 2 : 0);
                    return key;
                case "no key":
                    return [];
                case "unreadable": // What libcrypto itself says of one.
                    return base.KeyOf(certificate[1..]);
                case "no curve":
                    throw new CryptographicException("unknown curve");
                default:
                    return key;
            }
        }

        public override bool Verifies(RSA key, byte[] data, byte[] signature, RSASignaturePadding padding) => deviation switch
        {
            "RSA forgery" => IsOn,
            "PSS forgery" => (IsOn && padding == RSASignaturePadding.Pss) || base.Verifies(key, data, signature, padding),
            "RSA refused" => base.Verifies(key, data, signature, padding) && padding == RSASignaturePadding.Pss,
            _ => base.Verifies(key, data, signature, padding),
        };

        public override bool Verifies(ECDsa key, byte[] data, byte[] signature) => deviation switch
        {
            "EC forgery" => IsOn,
            "EC refused" => false,
            _ => base.Verifies(key, data, signature),
        };
    }

    private sealed class FakeClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 10_000_000;
        public override long GetTimestamp() => _now;
        public void Advance(TimeSpan time) => _now += time.Ticks;
    }

    [Fact]
    public void Debians_OpenSSL_passes_the_check_and_off_is_off()
    {
        using (var engine = new OpenSslEngine(s_auto))
            Assert.StartsWith("legacy: ", engine.KeyDecoder, StringComparison.Ordinal);
        // Another engine in the process finds the decoder on, and compares with what it is without all the same.
        using (var engine = new OpenSslEngine(s_on))
            Assert.StartsWith("legacy: ", engine.KeyDecoder, StringComparison.Ordinal);
        using (var engine = new OpenSslEngine(new TlsEngineOptions { LegacyKeyDecoder = LegacyKeyDecoderMode.Off }))
            Assert.Equal("default", engine.KeyDecoder);
    }

    [Fact]
    public void One_that_deviates_in_nothing_stays_on()
    {
        var trial = new Trial();
        using var engine = new OpenSslEngine(s_on, trial);
        Assert.True(trial.IsOn);
        Assert.Equal(2 * 10 * 4, trial.Keys); // Without and with it, ten rounds of four certificates.
        Assert.Equal("legacy: 100 µs a key without, 10 µs with it", engine.KeyDecoder);
        Assert.Equal($"{OpenSslLibrary.Version}; key decoder {engine.KeyDecoder}", engine.Details);
    }

    [Theory]
    [InlineData("another byte", "keys come out differently with it")]
    [InlineData("no key", "keys come out differently with it")]
    [InlineData("unreadable", "OpenSSL's d2i_X509 failed: ")]
    [InlineData("no curve", "unknown curve")]
    [InlineData("RSA forgery", "signatures come out differently with it")]
    [InlineData("RSA refused", "signatures come out differently with it")]
    [InlineData("PSS forgery", "signatures come out differently with it")]
    [InlineData("EC forgery", "signatures come out differently with it")]
    [InlineData("EC refused", "signatures come out differently with it")]
    [InlineData("no gain", "it gains too little (100 µs without, 51 µs with it)")]
    [InlineData("no engines", "this OpenSSL has no engines")]
    public void One_that_deviates_is_off_again_and_the_reason_is_said(string deviation, string reason)
    {
        var trial = new Trial(deviation);
        using (var engine = new OpenSslEngine(s_auto, trial))
        {
            Assert.False(trial.IsOn);
            Assert.StartsWith($"default: {reason}", engine.KeyDecoder, StringComparison.Ordinal);
            Assert.EndsWith($"; key decoder {engine.KeyDecoder}", engine.Details, StringComparison.Ordinal);
        }

        var exception = Assert.Throws<TlsEngineException>(() => new OpenSslEngine(s_on, trial));
        Assert.False(trial.IsOn);
        Assert.StartsWith($"The legacy key decoder cannot be used here: {reason}", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Set agent.tls.legacyKeyDecoder to auto or off.", exception.Message, StringComparison.Ordinal);
    }
}
