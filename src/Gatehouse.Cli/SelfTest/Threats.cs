namespace Gatehouse.Cli.SelfTest;

/// <summary>What the checks of one group are about.</summary>
/// <param name="Id">Stable, for scripts.</param>
/// <param name="Title">For people.</param>
internal sealed record Threat(string Id, string Title);

/// <summary>The threats, in the order of the report. Ids are those of docs/design/threats.md.</summary>
internal static class Threats
{
    public static readonly Threat Control = new("CONTROL", "Without it nothing below means anything");
    public static readonly Threat A1 = new("A1", "A session of one tenant at another's name");
    public static readonly Threat A2 = new("A2", "A session after its trust has ended");
    public static readonly Threat A3 = new("A3", "Host and server name disagree");
    public static readonly Threat A4 = new("A4", "No, unknown or cut server name: no default endpoint");
    public static readonly Threat A5 = new("A5", "A CA bundle that cannot be used");
    public static readonly Threat A6 = new("A6", "Forged identity headers");
    public static readonly Threat A7 = new("A7", "Identity headers taken off through Connection");
    public static readonly Threat A8 = new("A8", "Own certificate, another's account");
    public static readonly Threat A9 = new("A9", "Connections that outlive their trust");
    public static readonly Threat A10 = new("A10", "A client certificate used as a CA");
    public static readonly Threat A12 = new("A12", "Certificates that are none of the account's");
    public static readonly Threat A13 = new("A13", "Revocation");
    public static readonly Threat B1 = new("B1", "A refusal says why");
    public static readonly Threat B9 = new("B9", "Costly certificates");
    public static readonly Threat B14 = new("B14", "CA names told to strangers");
    public static readonly Threat B15 = new("B15", "421 only for a name that is served");
    public static readonly Threat B16 = new("B16", "The certificate is asked for in the first handshake");
    public static readonly Threat Tls = new("TLS", "Old and weak protocol features");
    public static readonly Threat Slow = new("SLOW", "Slow and broken clients");

    /// <summary>The order of the report.</summary>
    public static readonly List<string> InOrder =
        [.. new[] { Control, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A12, A13, B1, B9, B14, B15, B16, Tls, Slow }.Select(threat => threat.Id)];
}
