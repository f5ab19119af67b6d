namespace Gatehouse.Pki.Verification;

/// <summary>Where in a path a certificate stands.</summary>
internal enum PathPlace
{
    Leaf,
    Intermediate,
    Anchor,
}
