namespace Gatehouse.Gateway;

/// <summary>Why a client is turned away at its ClientHello.</summary>
internal enum TurnAway
{
    /// <summary>It is not.</summary>
    No,

    /// <summary>Attempts from its address at this endpoint were refused too often lately.</summary>
    RefusedTooOften,

    /// <summary>The endpoint has its share of handshakes in progress, or the gateway all it takes.</summary>
    TooManyAtOnce,

    /// <summary>The account, or without a certificate the address, has its share of the connections.</summary>
    HasItsShare,
}
