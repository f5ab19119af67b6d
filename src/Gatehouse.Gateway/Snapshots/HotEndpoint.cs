using Gatehouse.Pki;

namespace Gatehouse.Gateway;

/// <summary>What an endpoint that is in use has beyond its bare trust: parsed CAs, the rules made of its CRLs and deny list, and accepted chains.</summary>
internal sealed class HotEndpoint
{
    private bool _used = true;

    public HotEndpoint(EndpointSnapshot owner, HotEndpoints? table)
    {
        Owner = owner;
        SessionContext = EndpointSnapshot.SessionContextOf(owner.AccountId + "\n" + owner.Fqdn, owner.Generation);
        Verdicts = new VerdictCache(added => table?.Grew(this, added));
        try
        {
            Anchors = TrustAnchors.ParseDer(owner.Trust.CaCertificates);
        }
        catch (CaBundleException e)
        {
            Problem = e.Message;
        }
        (Revocation, RevocationProblem) = RevocationReader.Read(owner.Trust.Revocation);
    }

    public EndpointSnapshot Owner { get; }
    public TrustAnchors? Anchors { get; }
    public string? Problem { get; }

    /// <summary>See <see cref="EndpointSnapshot.Revocation"/>.</summary>
    public RevocationRules? Revocation { get; }
    public string? RevocationProblem { get; }
    public VerdictCache Verdicts { get; }

    /// <summary>See <see cref="EndpointSnapshot.SessionContext"/>.</summary>
    public byte[] SessionContext { get; }

    /// <summary>Marks it as used since the last look. Written only when it changes: the line is shared by all threads.</summary>
    public void Touch()
    {
        if (!Volatile.Read(ref _used))
            Volatile.Write(ref _used, true);
    }

    /// <summary>True when it was used since the last look.</summary>
    public bool TakeUsed()
    {
        var used = Volatile.Read(ref _used);
        Volatile.Write(ref _used, false);
        return used;
    }
}
