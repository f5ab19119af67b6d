using Gatehouse.Contracts;
using Gatehouse.TestIntelligence.Agents;
using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.TestIntelligence.IntegrationTests;
using Gatehouse.TestIntelligence.Operators;
using Gatehouse.TestIntelligence.Overview;
using Gatehouse.TestIntelligence.Protocol;
using Gatehouse.TestIntelligence.Quarantine;
using Gatehouse.TestIntelligence.Reports;
using Gatehouse.TestIntelligence.Selection;
using Gatehouse.TestIntelligence.SkipLists;
using Gatehouse.TestIntelligence.Splits;
using Gatehouse.TestIntelligence.Storage;
using Gatehouse.TestIntelligence.Timing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Gatehouse.TestIntelligence;

/// <summary>Adds the TI service to a host and maps its routes. It needs an <see cref="IAgentAdmission"/>, which the manager offers.</summary>
public static class TestIntelligenceRole
{
    /// <summary>Below which path agents find it; the gateway takes this off for one that runs elsewhere.</summary>
    public const string Prefix = "/ti-service";

    /// <summary>Adds the role. <see cref="TimeProvider"/> may be registered before; the system's is used otherwise.</summary>
    /// <exception cref="OptionsValidationException"><paramref name="options"/> have mistakes; all of them are in it.</exception>
    public static IServiceCollection AddTestIntelligence(this IServiceCollection services, TestIntelligenceOptions options)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new OptionsValidationException(nameof(TestIntelligenceOptions), typeof(TestIntelligenceOptions), errors);

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<TiDatabase>().AddSingleton<AccountSpace>().AddSingleton<UploadBody>().AddSingleton<AccountTurns>().AddSingleton<TiGate>().AddSingleton<TiErrorFilter>();
        services.AddSingleton<ReportWriter>().AddSingleton<ReportReader>().AddSingleton<ReportEndpoints>();
        services.AddSingleton<GraphStore>().AddSingleton<GraphEndpoints>().AddSingleton<CallGraphPicture>().AddSingleton<SelectionLog>().AddSingleton<SelectionEndpoints>();
        services.AddSingleton<SkipListStore>().AddSingleton<SkipListEndpoints>().AddSingleton<SplitStore>();
        services.AddSingleton<Durations>().AddSingleton<TimingAnswers>().AddSingleton<TimingEndpoints>();
        services.AddSingleton<OverviewEndpoints>().AddSingleton<QuarantineList>().AddSingleton<AgentEndpoints>().AddSingleton<IntegrationTestEndpoints>();
        services.AddSingleton<TokenEndpoint>().AddSingleton<CleanupEndpoint>();
        services.AddSingleton<AccountCleanup>().AddSingleton<IAccountData>(provider => provider.GetRequiredService<AccountCleanup>());
        services.AddSingleton<OperatorEndpoints>();
        services.AddSingleton<TiRetention>();
        services.AddSingleton<TiJobs>().AddHostedService(provider => provider.GetRequiredService<TiJobs>());
        return services;
    }

    /// <summary>Maps what agents call, below <see cref="Prefix"/>. Needs the feature <see cref="IAgentOrigin"/> on every request; without it each is refused.</summary>
    public static IEndpointRouteBuilder MapTestIntelligence(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var all = endpoints.MapGroup(Prefix).AddEndpointFilter(services.GetRequiredService<TiErrorFilter>());
        all.MapGet("/healthz", () => "OK");
        all.MapGet("/ready/healthz", (TiDatabase database) => database.Read(db => db.Scalar("SELECT 1")) == 1 ? Results.Text("OK") : Results.StatusCode(StatusCodes.Status500InternalServerError));
        services.GetRequiredService<TokenEndpoint>().Map(all);
        services.GetRequiredService<CleanupEndpoint>().Map(all);

        var admitted = all.MapGroup("").AddEndpointFilter(services.GetRequiredService<TiGate>());
        services.GetRequiredService<ReportEndpoints>().Map(admitted);
        services.GetRequiredService<GraphEndpoints>().Map(admitted);
        services.GetRequiredService<CallGraphPicture>().Map(admitted);
        services.GetRequiredService<SelectionEndpoints>().Map(admitted);
        services.GetRequiredService<SkipListEndpoints>().Map(admitted);
        services.GetRequiredService<TimingEndpoints>().Map(admitted);
        services.GetRequiredService<OverviewEndpoints>().Map(admitted);
        services.GetRequiredService<QuarantineList>().Map(admitted);
        services.GetRequiredService<AgentEndpoints>().Map(admitted);
        services.GetRequiredService<IntegrationTestEndpoints>().Map(admitted);

        all.MapFallback("/{**path}", (HttpContext context) => TiAnswer.Error(
            StatusCodes.Status404NotFound, $"The TI service has no call {TiQuery.Bounded(context.Request.Method)} {TiQuery.Bounded(context.Request.Path)}."));
        return endpoints;
    }

    /// <summary>Maps what operators read, on their own listener. Needs an <see cref="IOperatorAdmission"/>, which the manager offers.</summary>
    public static IEndpointRouteBuilder MapTestIntelligenceOperatorApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<OperatorEndpoints>().Map(endpoints);
        return endpoints;
    }
}
