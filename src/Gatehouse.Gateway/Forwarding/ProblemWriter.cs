using System.Text.Json;
using Gatehouse.Contracts;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>RFC 9457 answers of the gateway itself.</summary>
internal static class ProblemWriter
{
    public static async Task WriteAsync(HttpContext context, int status, string code, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        var problem = new Problem
        {
            Type = $"https://gatehouse.invalid/problems/{code}",
            Title = code,
            Status = status,
            Detail = detail,
            Code = code,
            TraceId = context.TraceIdentifier,
        };
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, ContractsJson.Default.Problem), context.RequestAborted);
    }
}
