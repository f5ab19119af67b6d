using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Protocol;

/// <summary>Tells OpenAPI what an operation reads.</summary>
internal static class BodyMetadata
{
    /// <summary>JSON by whatever content type, or none: routing would otherwise answer before the handler can say what is wrong.</summary>
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder route)
        where T : notnull => route.Accepts<T>(isOptional: true, "application/json", "*/*");
}
