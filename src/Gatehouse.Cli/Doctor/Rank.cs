namespace Gatehouse.Cli.Doctor;

/// <summary>What has to be mended first: earlier causes explain later symptoms.</summary>
internal enum Rank
{
    /// <summary>Addresses and variables.</summary>
    Settings,

    /// <summary>The certificate and key files.</summary>
    Files,

    /// <summary>This machine's clock: it makes good certificates look bad.</summary>
    Clock,

    /// <summary>Names, ports, proxies.</summary>
    Network,

    /// <summary>Somebody opens TLS in between.</summary>
    Interception,

    /// <summary>The server's certificate.</summary>
    Server,

    /// <summary>The client's certificate by itself.</summary>
    Certificate,

    /// <summary>What the gateway said.</summary>
    Gateway,

    /// <summary>What the operator's side knows.</summary>
    Operator,

    /// <summary>Log and TI service.</summary>
    Services,

    /// <summary>The delegate token.</summary>
    Token,

    /// <summary>Works, but deserves a look.</summary>
    Warning,
}
