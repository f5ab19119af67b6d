namespace Gatehouse.Client.Operator;

/// <summary>The operator API said no, or could not be asked. <see cref="Exception.Message"/> is for people: one or two plain sentences.</summary>
public sealed class OperatorApiException : Exception
{
    /// <summary>Code of an exception that no server made: nobody answered.</summary>
    public const string Unreachable = "server_unreachable";

    /// <summary>Code of an exception for an answer that is none of the operator API's.</summary>
    public const string BadAnswer = "bad_answer";

    /// <param name="code">Stable code of the answer, or one of the constants of this type.</param>
    /// <param name="message">What is wrong and the way out.</param>
    /// <param name="status">HTTP status; 0 when there was no answer.</param>
    /// <param name="inner">The private cause.</param>
    public OperatorApiException(string code, string message, int status, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Status = status;
    }

    /// <summary>Stable code: of the problem, of the protocol's wrapper, or one of the constants of this type.</summary>
    public string Code { get; }

    /// <summary>HTTP status; 0 when there was no answer.</summary>
    public int Status { get; }

    /// <summary>True when the same call may well succeed a little later: nobody answered, or the server is starting or draining.</summary>
    public bool IsTransient => Status is 0 or 502 or 503 or 504;
}
