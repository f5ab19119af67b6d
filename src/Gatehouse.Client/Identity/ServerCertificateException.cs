using System.Security.Authentication;

namespace Gatehouse.Client;

/// <summary>The server's certificate was not accepted. <see cref="Exception.Message"/> says why, whose it is and who issued it.</summary>
public sealed class ServerCertificateException : AuthenticationException
{
    /// <summary>Makes one; <see cref="ServerTrust"/> words it.</summary>
    public ServerCertificateException(ServerCertificateFault fault, string message, string nextStep)
        : base(message) => (Fault, NextStep) = (fault, nextStep);

    /// <summary>What kind of fault it is.</summary>
    public ServerCertificateFault Fault { get; }

    /// <summary>What to do about it.</summary>
    public string NextStep { get; }
}
