using System.Net;
using Gatehouse.Client;

namespace Gatehouse.Upgrader.Kubernetes;

/// <summary>The cluster's API said no, or nothing. The message is a plain sentence, bounded and free of control characters.</summary>
internal sealed class KubernetesException : Exception
{
    public KubernetesException(HttpStatusCode code, Status? status)
        : base(status?.Message is { Length: > 0 } said ? $"The cluster's API answers {(int)code}: {PeerText.Clean(said, 400).TrimEnd('.')}." : $"The cluster's API answers {(int)code}.")
    {
        Code = code;
        IsUnknownKind = code == HttpStatusCode.NotFound && status?.Details?.Name is not { Length: > 0 };
    }

    public KubernetesException(string message, string nextStep, Exception cause)
        : base(message, cause) => NextStep = nextStep;

    /// <summary>The status; null when no answer came.</summary>
    public HttpStatusCode? Code { get; }

    /// <summary>What to do about an answer that did not come; empty otherwise.</summary>
    public string NextStep { get; } = "";

    /// <summary>True when not the object is missing but the API that it would be in: an older cluster.</summary>
    public bool IsUnknownKind { get; }
}
