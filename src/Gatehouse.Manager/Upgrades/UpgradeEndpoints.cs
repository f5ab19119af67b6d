using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Upgrades;

/// <summary>What image a delegate or upgrader should run (protocol sheet §7.2). The rule is inequality of the whole reference.</summary>
internal sealed class UpgradeEndpoints(ManagerOptions options)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        // v2's delegateGroupName only marks the group as looked after upstream; without one that answers 500, here it is not needed.
        routes.MapGet(Routes.Agent.UpgradeCheckDelegateV2, (HttpContext context) => Check(context, "currentDelegateImageTag", "delegate", options.DelegateImage));
        routes.MapGet(Routes.Agent.UpgradeCheckDelegate, (HttpContext context) => Check(context, "currentDelegateImageTag", "delegate", options.DelegateImage));
        routes.MapGet(Routes.Agent.UpgradeCheckUpgrader, (HttpContext context) => Check(context, "currentUpgraderImageTag", "upgrader", options.UpgraderImage));
    }

    private static IResult Check(HttpContext context, string parameter, string what, string? offered)
    {
        string? current = context.Request.Query[parameter];
        if (string.IsNullOrWhiteSpace(current))
            return Fault.Of(ProtocolErrorCode.InvalidRequest, $"The query lacks {parameter}, the full reference of the image in use.").ProtocolError();
        if (string.IsNullOrWhiteSpace(offered))
            return Fault.Of(ProtocolErrorCode.FeatureUnavailable, $"This server is not told which {what} image to offer, so there is nothing to upgrade to.").ProtocolError();
        var upgrade = current != offered;
        return Answers.Wrapped(new UpgradeCheck(upgrade ? offered : current, upgrade), ContractsJson.Default.RestResponseUpgradeCheck);
    }
}
