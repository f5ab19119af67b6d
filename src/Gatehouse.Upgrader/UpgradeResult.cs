namespace Gatehouse.Upgrader;

/// <summary>The words of a result (docs/operate/upgrader.md). A closed list: scripts read them.</summary>
internal static class UpgradeResult
{
    /// <summary>The image was set.</summary>
    public const string Upgraded = "upgraded";

    /// <summary>It would be set; the cluster checked it.</summary>
    public const string WouldUpgrade = "would_upgrade";

    /// <summary>It is as offered.</summary>
    public const string Current = "current";

    /// <summary>Not looked after: there is a reason, and it is no failure.</summary>
    public const string Skipped = "skipped";

    /// <summary>The manager has no image to offer.</summary>
    public const string NothingOffered = "nothing_offered";

    /// <summary>The offered image is not taken: it cannot do mutual TLS, or is none.</summary>
    public const string Refused = "refused";

    /// <summary>Somebody changed the workload meanwhile; that stays.</summary>
    public const string Conflict = "conflict";

    /// <summary>The Deployment, the CronJob or the container is not there.</summary>
    public const string NotFound = "not_found";

    /// <summary>The service account may not.</summary>
    public const string NotPermitted = "not_permitted";

    /// <summary>The cluster does not take the change.</summary>
    public const string Rejected = "rejected";

    /// <summary>The cluster's API does not answer.</summary>
    public const string ClusterUnreachable = "cluster_unreachable";

    /// <summary>The manager, or the gateway before it, says no.</summary>
    public const string TurnedAway = "turned_away";

    /// <summary>The manager does not answer.</summary>
    public const string ManagerUnreachable = "manager_unreachable";

    /// <summary>Nothing was asked: configuration, variables or files are wrong.</summary>
    public const string WrongConfiguration = "wrong_configuration";

    /// <summary>Does this word of a part end the run with <see cref="ExitCode.Failed"/>?</summary>
    public static bool IsFailure(string result) => result is not (Upgraded or WouldUpgrade or Current or Skipped);
}
