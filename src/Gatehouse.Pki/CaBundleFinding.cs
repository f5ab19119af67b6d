namespace Gatehouse.Pki;

/// <summary>One finding about a CA bundle.</summary>
/// <param name="Code">Stable code, one of <see cref="CaBundleCodes"/>.</param>
/// <param name="Message">One or two plain sentences that name the certificate (its place and subject) and the way out. Never key material.</param>
/// <param name="Command">
/// The command that mends it, with <c>FILE</c> for the bundle's file; null when no command does. Made of our own words and of hex digits of a
/// certificate's hash: nothing that stands in a certificate gets into what people paste into a shell.
/// </param>
public sealed record CaBundleFinding(string Code, string Message, string? Command = null)
{
    /// <summary>Message and command in one text.</summary>
    public string Text => Command is null ? Message : $"{Message} Mend it with \"{Command}\".";
}
