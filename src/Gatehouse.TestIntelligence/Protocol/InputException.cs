using Microsoft.AspNetCore.Http;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>A request that cannot be answered as it was sent; the message tells its sender why, and <see cref="TiErrorFilter"/> how that looks.</summary>
internal sealed class InputException(string message, int status = StatusCodes.Status400BadRequest) : Exception(message)
{
    public int Status { get; } = status;
}
