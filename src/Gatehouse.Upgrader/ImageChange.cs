using System.Net;
using System.Text.RegularExpressions;
using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Upgrader.Kubernetes;

namespace Gatehouse.Upgrader;

/// <summary>Asks for one container's image, judges the answer, and sets it.</summary>
internal sealed partial class ImageChange(RunSettings settings, KubernetesApi api)
{
    private readonly RegistryMirror _mirror = new(settings.Upgrader.RegistryMirror);

    /// <summary>Makes the change, if there is one.</summary>
    /// <param name="workload">Where the container is.</param>
    /// <param name="index">Which it is.</param>
    /// <param name="part">What is known so far; the answer is this with a result.</param>
    /// <param name="ask">Asks the manager, with the image in use.</param>
    /// <param name="mustDoMtls">Take no image that cannot do mutual TLS.</param>
    /// <param name="cancel">The caller's.</param>
    public async Task<UpgradePart> MakeAsync(Workload workload, int index, UpgradePart part, Func<string, Task<UpgradeCheck>> ask, bool mustDoMtls, CancellationToken cancel)
    {
        var current = workload.Containers[index].Image;
        part = part with { From = current };
        UpgradeCheck check;
        try
        {
            check = await ask(_mirror.There(current));
        }
        catch (RequestRefusedException e) when (e.Code == ProtocolErrorCode.FeatureUnavailable)
        {
            return part with { Result = UpgradeResult.NothingOffered, Message = Sentences(e.Message, e.NextStep) };
        }
        catch (RequestRefusedException e)
        {
            var way = settings.Identity is null && RefusalCodes.TryParse(e.Code, out var code) && code is (RefusalCode.ClientCertificateRequired or RefusalCode.MtlsRequired)
                ? "Here that means clientCertificateFilePath and clientCertificateKeyFilePath in config.yaml, and the endpoint's address as managerHost." : "";
            return part with { IsEnd = true, Result = UpgradeResult.TurnedAway, Message = Sentences($"The manager turned the upgrader away ({PeerText.Clean(e.Code, 100)}): {e.Message}", e.NextStep, way) };
        }
        catch (ConnectionFailedException e)
        {
            return part with { IsEnd = true, Result = UpgradeResult.ManagerUnreachable, Message = Sentences(e.Message, e.NextStep) };
        }

        var offered = _mirror.Here(check.ImageTag);
        if (!check.ShouldUpgrade || offered == current)
        {
            return part with { Result = UpgradeResult.Current };
        }

        part = part with { To = PeerText.Clean(offered, 300) };
        return Refusal(offered, mustDoMtls) is { } refusal
            ? part with { Result = UpgradeResult.Refused, Message = refusal }
            : await SetAsync(workload, index, offered, part, cancel);
    }

    /// <summary>
    /// Why an offered image is not taken. An upgrader with a client certificate looks after delegates with one: whatever the account's mode, they stay in only with an image that can
    /// show it. One without a certificate was let in without, so the account is not STRICT: its manager would have turned it away.
    /// </summary>
    private string? Refusal(string offered, bool mustDoMtls)
    {
        if (offered.Length > 500 || !Reference().IsMatch(offered))
        {
            return $"The manager offers '{PeerText.Clean(offered, 200)}', which is not the reference of an image. Its operator must correct it.";
        }

        var image = ImageReference.Parse(offered);
        return mustDoMtls && !image.CanDoMtls(settings.AllowedImages)
            ? $"{image.Described}, which is offered and not taken: only delegates whose tag is of the form yy.mm.xxxxx can do mutual TLS, and with this one the delegates would be shut out. "
                + "Its operator must offer another; for one of your own, Gatehouse's delegate among them, add --allow-image with its name or a pattern."
            : null;
    }

    private async Task<UpgradePart> SetAsync(Workload workload, int index, string image, UpgradePart part, CancellationToken cancel)
    {
        try
        {
            var changed = await workload.ChangeAsync(api, index, image, settings.DryRun, cancel);
            var now = index < changed.Containers.Count ? changed.Containers[index].Image : "";
            return part with
            {
                Result = settings.DryRun ? UpgradeResult.WouldUpgrade : UpgradeResult.Upgraded,
                Message = now == image ? null : $"The cluster made '{PeerText.Clean(now, 200)}' of '{image}': an admission webhook changes images.",
            };
        }
        catch (KubernetesException e) when (e.Code is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity)
        {
            return await ExplainAsync(workload, index, image, part, e, cancel);
        }
        catch (KubernetesException e)
        {
            return ClusterFault.Of(part, e, "patch", workload.Namespace);
        }
    }

    /// <summary>A test of the patch that does not hold and a value that is not taken have the same status: the object tells which it was.</summary>
    private async Task<UpgradePart> ExplainAsync(Workload before, int index, string image, UpgradePart part, KubernetesException rejected, CancellationToken cancel)
    {
        Workload now;
        try
        {
            now = await before.AgainAsync(api, cancel);
        }
        catch (KubernetesException e)
        {
            return ClusterFault.Of(part, e, "get", before.Namespace);
        }

        var was = before.Containers[index];
        var there = now.IndexOf(was.Name);
        if (there >= 0 && now.Containers[there].Image == image)
        {
            return part with { Result = UpgradeResult.Current, From = image };
        }

        return rejected.Code == HttpStatusCode.Conflict || there != index || now.Containers[there].Image != was.Image
            ? part with
            {
                Result = UpgradeResult.Conflict,
                Message = $"{before.Title} was changed by somebody else at the same moment{(there < 0 ? "" : $", and its image is '{now.Containers[there].Image}' now")}. That stays; the next run looks again.",
            }
            : ClusterFault.Of(part, rejected, "patch", before.Namespace);
    }

    private static string Sentences(params string[] sentences) => string.Join(' ', sentences.Where(one => one.Length > 0));

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._/:@-]*$")]
    private static partial Regex Reference();
}
