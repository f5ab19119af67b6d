namespace Gatehouse.Gateway;

/// <summary>Feature of an agent's connection: the thread that serves its socket, and with it many others.</summary>
internal interface IAgentTransport
{
    /// <summary>From now on handlers go on elsewhere after each wait.</summary>
    void LeaveThread();
}
