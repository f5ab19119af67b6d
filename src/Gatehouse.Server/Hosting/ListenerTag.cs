namespace Gatehouse.Server.Hosting;

/// <summary>Which listener a connection came in by; each branch of the pipeline serves one, so the operator API cannot be reached through the agent listener.</summary>
internal enum Listener
{
    Agent,
    Operator,
}

/// <summary>Feature of a connection.</summary>
internal sealed record ListenerTag(Listener Listener);
