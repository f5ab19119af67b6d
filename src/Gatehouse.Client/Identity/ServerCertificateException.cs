using System.Security.Authentication;

namespace Gatehouse.Client;

/// <summary>The server's certificate was not accepted. <see cref="Exception.Message"/> says why, whose it is and who issued it.</summary>
public sealed class ServerCertificateException : AuthenticationException
{
    /// <summary>Makes one; <see cref="ServerTrust"/> words it.</summary>
    public ServerCertificateException(string message, string nextStep)
        : base(message) => NextStep = nextStep;

    /// <summary>What to do about it.</summary>
    public string NextStep { get; }
}
