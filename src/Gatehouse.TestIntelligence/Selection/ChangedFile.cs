namespace Gatehouse.TestIntelligence.Selection;

/// <summary>How a file changed; a rename arrives as one deleted and one added.</summary>
internal enum ChangeKind
{
    Modified,
    Added,
    Deleted,
}

/// <summary>A changed file.</summary>
/// <param name="Path">From the repository's root, with <c>/</c>.</param>
/// <param name="Kind">How.</param>
/// <param name="Package">Its package as the client says; empty when it does not.</param>
internal sealed record ChangedFile(string Path, ChangeKind Kind, string Package);
