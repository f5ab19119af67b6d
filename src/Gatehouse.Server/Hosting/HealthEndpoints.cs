using Gatehouse.Contracts;
using Gatehouse.Gateway;

namespace Gatehouse.Server.Hosting;

/// <summary><c>/livez</c>, <c>/readyz</c> and what the server says of itself, on the operator listener.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/livez", () => Results.Text("ok\n"));
        endpoints.MapGet("/readyz", (GatewayHealth gateway, IHostApplicationLifetime lifetime) =>
        {
            string[] problems = lifetime.ApplicationStopping.IsCancellationRequested ? ["The server is stopping."] : [.. gateway.Problems];
            return Results.Json(
                new { ready = problems.Length == 0, trustGeneration = gateway.Generation, endpoints = gateway.Endpoints, problems },
                statusCode: problems.Length == 0 ? 200 : 503);
        });
        endpoints.MapGet(Routes.Operator.Server, (ServerEndpoints server) => Results.Json(server.View(), ContractsJson.Default.ServerView));
    }
}
