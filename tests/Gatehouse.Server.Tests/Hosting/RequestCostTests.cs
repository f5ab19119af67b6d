using System.Collections;
using Gatehouse.Server.Configuration;
using Gatehouse.Server.Hosting;
using Gatehouse.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Server.Tests.Hosting;

public sealed class RequestCostTests
{
    /// <summary>While that category may log anything at all, the host makes an activity, with a random id, and a scope for each request, and the gateway sends it on.</summary>
    [Fact]
    public void No_request_gets_an_activity_that_nobody_reads()
    {
        using var directory = new TemporaryDirectory();
        var reader = new ConfigurationReader().AddEnvironment(new Hashtable { ["GATEHOUSE__DATADIRECTORY"] = directory.Path });
        var configuration = new ServerConfigurationParser(reader.Values()).Parse();
        using var host = ServerHost.Build(configuration, directory.File("none.crt"), directory.File("none.key"), _ => { });
        Assert.False(host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics").IsEnabled(LogLevel.Critical));
    }
}
