namespace Gatehouse.LogService.Streams;

/// <summary>A stream or blob: the key as it came, within its account. Slashes are never normalised (sheet §3).</summary>
internal readonly record struct StreamId(string Account, string Key)
{
    public override string ToString() => $"{Account}/{Key}";
}
