namespace Gatehouse.Delegate;

/// <summary>A service that steps use, by the names under which they look for it (log and TI sheet §7, protocol sheet §10).</summary>
/// <param name="Name">For sentences.</param>
/// <param name="EndpointVariable">Where steps look for its address.</param>
/// <param name="ConfigurationKey">How the operator names an address for tasks.</param>
internal sealed record StepService(string Name, string EndpointVariable, string ConfigurationKey)
{
    internal static readonly StepService Log = new("the log service", "HARNESS_LOG_SERVICE_ENDPOINT", "services.logServiceUrl");
    internal static readonly StepService Ti = new("the TI service", "HARNESS_TI_SERVICE_ENDPOINT", "services.tiServiceUrl");
    internal static readonly StepService Sto = new("the STO service", "HARNESS_STO_SERVICE_ENDPOINT", "services.stoServiceUrl");
    internal static readonly StepService Scs = new("the SCS service", "HARNESS_SCS_SERVICE_ENDPOINT", "services.scsServiceUrl");

    internal static readonly IReadOnlyList<StepService> All = [Log, Ti, Sto, Scs];
}
