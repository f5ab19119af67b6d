using Gatehouse.Tls;
using Gatehouse.Tls.OpenSsl;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;

namespace Gatehouse.Gateway.Tests;

/// <summary>Which OpenSSL the engine runs on, and what is said of any other. What a server says at its start: WhenOpenSslCannotBeUsed.</summary>
public sealed class OpenSslLibraryTests
{
    [Theory]
    [InlineData(0x30000000UL)] // 3.0.0
    [InlineData(0x30000130UL)] // 3.0.19
    [InlineData(0x30200050UL)] // 3.2.5
    [InlineData(0x305000FFUL)] // 3.5.15, a pre-release
    public void The_engine_runs_on_3_0_to_3_5(ulong number) => Assert.Null(OpenSslLibrary.Problem(number, "OpenSSL 3"));

    [Theory]
    [InlineData(0x1010117FUL, "OpenSSL 1.1.1w  11 Sep 2023")]
    [InlineData(0x20000000UL, "LibreSSL 4.0.0")]
    [InlineData(0x30600000UL, "OpenSSL 3.6.0 1 Oct 2025")]
    [InlineData(0x31000000UL, "OpenSSL 3.16.0")]
    [InlineData(0x40000000UL, "OpenSSL 4.0.0 14 Apr 2026")]
    public void Any_other_is_named_with_the_way_out(ulong number, string version)
    {
        var problem = OpenSslLibrary.Problem(number, version);
        Assert.Equal($"The libssl engine is for OpenSSL 3.0 to 3.5 (libssl.so.3); found {version}. Install one of these, or set agent.tls.engine to sslstream.", problem);
    }

    [Fact]
    public void This_machines_is_judged_by_its_own_number()
    {
        Assert.Null(OpenSslLibrary.Problem());
        Assert.Null(OpenSslLibrary.Problem(Native.OpenSSL_version_num(), OpenSslLibrary.Version));
        Assert.Null(TlsEngines.Problem(TlsEngineKind.Auto));
        Assert.Null(TlsEngines.Problem(TlsEngineKind.SslStream));
    }

    [Fact]
    public void One_that_is_not_there_is_said_in_one_line()
    {
        // What the runtime says of a library that no machine has.
        var loader = Assert.Throws<DllNotFoundException>(() => System.Runtime.InteropServices.NativeLibrary.Load("libgatehouse-none.so.3", typeof(OpenSslLibrary).Assembly, null));
        var problem = OpenSslLibrary.Problem(loader);
        Assert.StartsWith("The libssl engine needs OpenSSL 3 (libssl.so.3 and libcrypto.so.3), which is not on this machine. Install OpenSSL 3 (", problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public async Task The_log_says_at_the_start_what_ends_TLS()
    {
        await using var listener = await AgentListener.StartAsync(o => o.With(TlsEngineKind.OpenSsl));
        var line = Assert.Single(listener.Services.GetRequiredService<FakeLogCollector>().GetSnapshot(), r => r.Message.StartsWith("The agent listener ends TLS with ", StringComparison.Ordinal));
        Assert.Equal($"The agent listener ends TLS with openssl: {OpenSslLibrary.Version}; key decoder default", line.Message);
    }
}
