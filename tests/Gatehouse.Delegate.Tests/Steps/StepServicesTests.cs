using System.Text;
using System.Text.Json;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Delegate.Tests;

/// <summary>The delegate's variable, else what the task was told, else nothing: and what a script then may do.</summary>
public sealed class StepServicesTests
{
    private const string WayOut = "Account acme is STRICT; CI_OVERRIDE_SERVICE_URLS";
    private static readonly TaskServices s_told = new()
    {
        Overridden = true,
        LogUrl = "https://m:8443/log-service/",
        TiUrl = "https://m:8443/ti-service",
        StoUrl = "https://m:8443/sto-service/",
        ScsUrl = "https://m:8443/scs-service/",
        TiToken = "ti-token",
    };

    [Fact]
    public void What_the_task_is_told_is_what_its_step_finds()
    {
        var environment = EnvironmentOf(Of(s_told));
        Assert.Equal(
            ("https://m:8443/log-service", "https://m:8443/ti-service", "https://m:8443/sto-service", "https://m:8443/scs-service"),
            (environment["HARNESS_LOG_SERVICE_ENDPOINT"], environment["HARNESS_TI_SERVICE_ENDPOINT"], environment["HARNESS_STO_SERVICE_ENDPOINT"], environment["HARNESS_SCS_SERVICE_ENDPOINT"]));
        Assert.Equal(
            ("log-token", Convert.ToBase64String(Encoding.ASCII.GetBytes("ti-token")), "acme", "true"),
            (environment["HARNESS_LOG_SERVICE_TOKEN"], environment["HARNESS_TI_SERVICE_TOKEN"], environment["HARNESS_ACCOUNT_ID"], environment["HARNESS_CI_OVERRIDE_SERVICE_URLS_FF"]));
    }

    [Theory]
    [InlineData("https://own.example.io/logs/")]
    [InlineData("https://own.example.io/logs")]
    public void The_delegates_own_variable_wins_over_flag_configuration_and_silence(string own)
    {
        foreach (var told in new[] { s_told, s_told with { Overridden = false }, new TaskServices { Withheld = WayOut, TiToken = "ti-token" }, new TaskServices(), null })
        {
            var environment = EnvironmentOf(Of(told, log: own, ti: own));
            Assert.Equal(("https://own.example.io/logs", "https://own.example.io/logs"), (environment["HARNESS_LOG_SERVICE_ENDPOINT"], environment["HARNESS_TI_SERVICE_ENDPOINT"]));
            Assert.Equal("log-token", environment["HARNESS_LOG_SERVICE_TOKEN"]);
            Assert.Equal(told?.StoUrl?.TrimEnd('/'), environment.GetValueOrDefault("HARNESS_STO_SERVICE_ENDPOINT"));
        }
    }

    [Fact]
    public void Nothing_told_and_nothing_set_is_nothing()
    {
        foreach (var told in new[] { new TaskServices { TiToken = "ti-token" }, new TaskServices { LogUrl = "ftp://m/", TiUrl = "/ti-service/", TiToken = "ti-token" }, null })
            Assert.Empty(EnvironmentOf(Of(told)));
    }

    [Theory]
    [InlineData("curl $HARNESS_TI_SERVICE_ENDPOINT/healthz", null, null, "HARNESS_TI_SERVICE_ENDPOINT")]
    [InlineData("curl ${HARNESS_LOG_SERVICE_ENDPOINT:-x}", null, null, "HARNESS_LOG_SERVICE_ENDPOINT")]
    [InlineData("curl $HARNESS_TI_SERVICE_ENDPOINT", "https://own", null, "HARNESS_TI_SERVICE_ENDPOINT")]
    [InlineData("curl $HARNESS_STO_SERVICE_ENDPOINT", "https://own", "https://own", "HARNESS_STO_SERVICE_ENDPOINT")]
    [InlineData("curl $HARNESS_TI_SERVICE_ENDPOINT", null, "https://own", null)]
    [InlineData("curl $HARNESS_LOG_SERVICE_ENDPOINT $HARNESS_TI_SERVICE_ENDPOINT", "https://own", "https://own", null)]
    [InlineData("echo hello", null, null, null)]
    public void Withheld_addresses_stop_who_uses_them_and_nobody_else(string script, string? log, string? ti, string? named)
    {
        var services = Of(new TaskServices { Withheld = WayOut }, log, ti);
        var problem = services.WhyNot(script, null, null);
        if (named is null)
        {
            Assert.Null(problem);
            return;
        }

        Assert.Contains(named, problem, StringComparison.Ordinal);
        Assert.EndsWith(WayOut, problem, StringComparison.Ordinal);
        // Its author's own choice is no silence.
        Assert.Null(services.WhyNot(script, new Dictionary<string, string> { [named] = "https://chosen" }, null));
    }

    [Fact]
    public void Where_nothing_is_withheld_a_script_may_do_without() => Assert.Null(Of(new TaskServices()).WhyNot("echo $HARNESS_TI_SERVICE_ENDPOINT", null, null));

    [Fact]
    public void A_step_of_a_service_does_not_start_without_its_address()
    {
        Assert.EndsWith(WayOut, Of(new TaskServices { Withheld = WayOut }, "https://own", "https://own").WhyNot("scan", null, StepService.Sto), StringComparison.Ordinal);
        Assert.Contains("services.scsServiceUrl", Of(new TaskServices()).WhyNot("scan", null, StepService.Scs), StringComparison.Ordinal);
        Assert.Contains("services.stoServiceUrl", Of(null).WhyNot("scan", new Dictionary<string, string> { ["HARNESS_STO_SERVICE_ENDPOINT"] = "https://chosen" }, StepService.Sto), StringComparison.Ordinal);
        Assert.Null(Of(s_told).WhyNot("scan", null, StepService.Sto));
    }

    private static StepServices Of(TaskServices? told, string? log = null, string? ti = null)
    {
        var package = new DelegateTaskPackage
        {
            Id = "t1",
            Type = "SHELL_SCRIPT",
            Data = JsonDocument.Parse("{}").RootElement,
            Services = told,
            Logging = new DelegateTaskLogging("log-token", new Dictionary<string, string>()),
        };
        var manager = new Uri("https://m:8443/");
        return new StepServices(package, new ServiceAddresses(log is null ? manager : new Uri(log), ti is null ? manager : new Uri(ti), log is not null, ti is not null), "acme");
    }

    private static Dictionary<string, string> EnvironmentOf(StepServices services)
    {
        var environment = new Dictionary<string, string>();
        services.AddTo(environment);
        return environment;
    }
}
