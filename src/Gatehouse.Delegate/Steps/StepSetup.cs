using Gatehouse.Client;
using Gatehouse.Contracts.Protocol;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>What steps of this delegate are given to reach the services beside the manager.</summary>
internal sealed partial class StepSetup(DelegateSettings settings, ClientIdentity identity, ILogger log)
{
    private int _isTold;

    /// <summary>Where the task's step finds the services.</summary>
    internal StepServices ServicesOf(DelegateTaskPackage package)
    {
        var services = new StepServices(package, settings.Services, settings.AccountId);
        if (services.IsWithheld && Interlocked.Exchange(ref _isTold, 1) == 0)
            Log.Withheld(log, package.Services!.Withheld!);
        return services;
    }

    /// <summary>Certificate, key and server roots in the task's folder; null when the step has no use for them.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    internal StepIdentity? IdentityOf(StepServices services, TaskFolder folder) =>
        services.AreTls && identity.Material is { } now && (now.Identity is not null || now.Trust.ExtraRoots.Count > 0)
            ? new StepIdentity(identity, settings.CaBundleDirectory, folder.Identity)
            : null;

    private static partial class Log
    {
        [LoggerMessage(8290, LogLevel.Warning, "Steps find no address of some services: {Sentences}")]
        public static partial void Withheld(ILogger log, string sentences);
    }
}
