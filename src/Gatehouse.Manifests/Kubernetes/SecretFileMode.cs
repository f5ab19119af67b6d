using System.Globalization;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Kubernetes;

/// <summary>
/// The mode of a Secret's files in a pod. Kubernetes gives them to root, and to the group that <c>fsGroup</c> names, which it lets read whatever the mode says.
/// So 0400 is enough for root and with <c>fsGroup</c>; any other user can read only what everybody in the pod can.
/// </summary>
internal static class SecretFileMode
{
    private const int OwnerOnly = 256;
    private const int Everybody = 292;

    /// <summary>The page's 400, which YAML reads as a decimal number: 0620 in octal.</summary>
    public const int DecimalSlip = 400;

    /// <summary>The mode for a container, written so that no reader of YAML takes it for another number.</summary>
    public static TreeScalar For(PodContainer container) => Write(OwnerIsEnough(container) ? OwnerOnly : Everybody);

    /// <summary>Can the container's user read files of this mode?</summary>
    public static bool CanRead(PodContainer container, int mode) => (mode & 4) != 0 || (OwnerIsEnough(container) && (mode & OwnerOnly) != 0);

    /// <summary>Does the manifest say who the container's user is? If not, its image does.</summary>
    public static bool IsUserKnown(PodContainer container) => User(container) is not null || Setting(container, "runAsNonRoot") == "true";

    /// <summary>The number that kubectl makes of it: YAML 1.1 takes a leading zero for octal, JSON has no octal.</summary>
    public static int? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var octal = text.StartsWith("0o", StringComparison.Ordinal) ? text[2..] : text.Length > 1 && text[0] == '0' ? text[1..] : null;
        try
        {
            return octal is null ? int.Parse(text, CultureInfo.InvariantCulture) : Convert.ToInt32(octal, 8);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>For people: <c>0620</c>.</summary>
    public static string Octal(int mode) => "0" + Convert.ToString(mode, 8);

    private static TreeScalar Write(int mode) => Tree.Number(mode, $"{Octal(mode)} in octal");

    private static bool OwnerIsEnough(PodContainer container) => container.Pod.Scalar("securityContext", "fsGroup") is not null || User(container) == "0";

    private static string? User(PodContainer container) => Setting(container, "runAsUser");

    /// <summary>The container's own wins over its pod's.</summary>
    private static string? Setting(PodContainer container, string name) => container.Container.Scalar("securityContext", name) ?? container.Pod.Scalar("securityContext", name);
}
