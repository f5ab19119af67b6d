using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Endpoints;
using Gatehouse.Manager.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gatehouse.Manager.Upgrades;

/// <summary>
/// What image a delegate or upgrader should run (protocol sheet §7.2). The rule is inequality of the whole reference. A STRICT account's delegates are offered no image that
/// cannot do mutual TLS: they would never come back. Upgraders' own images are not judged: their tags say nothing of it.
/// </summary>
internal sealed class UpgradeEndpoints(ManagerOptions options, TrustRegistry trust)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        // v2's delegateGroupName only marks the group as looked after upstream; without one that answers 500, here it is not needed.
        routes.MapGet(Routes.Agent.UpgradeCheckDelegateV2, CheckDelegate);
        routes.MapGet(Routes.Agent.UpgradeCheckDelegate, CheckDelegate);
        routes.MapGet(Routes.Agent.UpgradeCheckUpgrader, (HttpContext context) => Check(context, "currentUpgraderImageTag", "upgrader", options.UpgraderImage));
    }

    private IResult CheckDelegate(HttpContext context)
    {
        var accountId = AgentCaller.Of(context).AccountId;
        return options.DelegateImage is { } image && IsStrict(accountId) && !ImageReference.Parse(image).CanDoMtls(options.MtlsImages)
            ? Fault.Of(
                ProtocolErrorCode.FeatureUnavailable,
                $"{ImageReference.Parse(image).Described} and cannot do mutual TLS, so it is not offered to the delegates of account {accountId}, which is STRICT. " +
                "This server's operator sets another (upgrades.delegateImage), or names it as one that can (upgrades.mtlsImages).").ProtocolError()
            : Check(context, "currentDelegateImageTag", "delegate", options.DelegateImage);
    }

    /// <summary>Would a delegate without a certificate be refused?</summary>
    private bool IsStrict(string accountId) => !Admission.Decide(trust.RuleOf(accountId), null, accountId).IsAccepted;

    private static IResult Check(HttpContext context, string parameter, string what, string? image)
    {
        string? current = context.Request.Query[parameter];
        if (string.IsNullOrWhiteSpace(current))
            return Fault.Of(ProtocolErrorCode.InvalidRequest, $"The query lacks {parameter}, the full reference of the image in use.").ProtocolError();
        if (string.IsNullOrWhiteSpace(image))
            return Fault.Of(ProtocolErrorCode.FeatureUnavailable, $"This server is not told which {what} image to offer, so there is nothing to upgrade to.").ProtocolError();
        var upgrade = current != image;
        return Answers.Wrapped(new UpgradeCheck(upgrade ? image : current, upgrade), ContractsJson.Default.RestResponseUpgradeCheck);
    }
}
