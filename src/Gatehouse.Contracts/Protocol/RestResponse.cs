namespace Gatehouse.Contracts.Protocol;

/// <summary>The delegate protocol's wrapper (protocol sheet §5.1). Nulls are written.</summary>
/// <typeparam name="T">The resource.</typeparam>
public sealed record RestResponse<T>
{
    /// <summary>Empty on success, null on errors.</summary>
    public IReadOnlyDictionary<string, string>? MetaData { get; init; }

    /// <summary>The answer; null on errors.</summary>
    public T? Resource { get; init; }

    /// <summary>Errors (at least one when it failed) and hints.</summary>
    public IReadOnlyList<ResponseMessage> ResponseMessages { get; init; } = [];
}

/// <summary>One message of the wrapper.</summary>
public sealed record ResponseMessage
{
    /// <summary>A name of <see cref="ProtocolErrorCode"/>.</summary>
    public required string Code { get; init; }

    /// <summary><c>ERROR</c>, <c>WARN</c> or <c>INFO</c>.</summary>
    public string Level { get; init; } = "ERROR";

    /// <summary>One or two plain sentences.</summary>
    public required string Message { get; init; }

    /// <summary>Always null; the protocol writes it.</summary>
    public string? Exception { get; init; }

    /// <summary>Always empty; the protocol writes it.</summary>
    public IReadOnlyList<string> FailureTypes { get; init; } = [];
}
