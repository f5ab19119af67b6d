using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gatehouse.Contracts;
using Gatehouse.LogService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gatehouse.LogBench;

/// <summary>The log service as a role on a real listener with its real stores, in a process of its own: CPU and memory are the service's alone.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>CPU time so far, user and system.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long PeakMegabytes => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    public static async Task<ServiceProcess> StartAsync(string data, string secret)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { typeof(ServiceProcess).Assembly.Location, "serve", data },
            Environment = { ["GATEHOUSE_BENCH_SECRET"] = secret },
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        var address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The service did not start.");
        return new ServiceProcess(process, new Uri(address));
    }

    /// <summary>What the process of its own runs; it ends with its standard input.</summary>
    public static async Task ServeAsync(string data)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting().AddSingleton<IAgentAdmission, EverybodyIsAdmitted>();
        var secret = Environment.GetEnvironmentVariable("GATEHOUSE_BENCH_SECRET")!;
        // All of them are one account's here.
        builder.Services.AddLogService(new LogServiceOptions { Directory = Path.Combine(data, "logs"), Secret = secret, GlobalToken = secret, MaxTailsPerAccount = 2_000 });
        await using var app = builder.Build();
        var origin = new LocalOrigin();
        app.Use((context, next) =>
        {
            context.Features.Set<IAgentOrigin>(origin);
            return next(context);
        });
        app.UseRouting();
        app.MapLogServiceAgentApi();
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadLineAsync();
        await app.StopAsync();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(30)))
            _process.Kill();
        _process.Dispose();
    }

    private sealed class EverybodyIsAdmitted : IAgentAdmission
    {
        public AgentDenial? Judge(IAgentOrigin? origin, string accountId) => null;
    }

    private sealed class LocalOrigin : IAgentOrigin
    {
        public string? Authority => null;
        public string? EndpointAccountId => null;
        public string HostAndPort => "localhost";
        public string RemoteAddress => "127.0.0.1";
        public PresentedCertificate? Certificate => null;
        public CancellationToken Revoked => CancellationToken.None;
        public Refusal? RevokedBecause => null;
    }
}
