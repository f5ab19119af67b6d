namespace Gatehouse.Pki.Bundles;

/// <summary>A finding whose command is chosen when the whole bundle is known: what mends one certificate depends on what else is in the file.</summary>
internal sealed record DraftFinding(string Code, string Message, Func<Mending, string?>? Command = null)
{
    public CaBundleFinding Finish(Mending mending) => new(Code, Message, Command?.Invoke(mending));
}
