namespace Gatehouse.Manager.Storage;

/// <summary>All migrations of this version. A list, because asking the model for them takes longer than reading which of them a database has; a test compares the two.</summary>
internal static class KnownMigrations
{
    public static readonly string[] Ids = ["20261124143720_Initial", "20261128181045_Revocation", "20261130120000_TaskSecrets"];
}
