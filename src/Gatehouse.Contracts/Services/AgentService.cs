namespace Gatehouse.Contracts;

/// <summary>A service that agents call besides the manager, each with tokens of its own secret.</summary>
public enum AgentService
{
    /// <summary>The log service, behind <c>/log-service/</c>.</summary>
    Log,

    /// <summary>The TI service (test intelligence), behind <c>/ti-service/</c>.</summary>
    TestIntelligence,
}
