using System.Net;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Client;

/// <summary>The other side answered, and the answer is no. <see cref="Exception.Message"/> is a plain sentence, bounded and free of control characters.</summary>
public sealed class RequestRefusedException : Exception
{
    /// <summary>Makes one from an answer's parts; <see cref="RefusalReader"/> reads them.</summary>
    public RequestRefusedException(string code, string message, string nextStep, HttpStatusCode? status = null)
        : base(message)
    {
        Code = code;
        NextStep = nextStep;
        Status = status;
    }

    /// <summary>A refusal code of ours (<c>mtls_required</c>), a code of the delegate protocol (<c>INVALID_TOKEN</c>), or <c>HTTP_502</c> when the answer named none.</summary>
    public string Code { get; }

    /// <summary>What to do about it; empty when the answer did not say and nothing general can be said.</summary>
    public string NextStep { get; }

    /// <summary>The HTTP status; null when it came as a stream's closing.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>True for answers that will be the same however often the same request is sent: it is wrong, or names something that is not there.</summary>
    public bool IsFinal => Status is { } status && (int)status is >= 400 and < 500
        && status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.RequestTimeout
            or HttpStatusCode.TooManyRequests or HttpStatusCode.MisdirectedRequest)
        || Code == ProtocolErrorCode.AccessDenied;

    /// <summary>True when a gateway or manager turned this client away, as opposed to failing by itself.</summary>
    public bool IsRefusal => Status is null || (int)Status.Value is >= 400 and < 500;
}
