using System.Security.Cryptography;
using Gatehouse.Tls.OpenSsl;

namespace Gatehouse.Tls;

/// <summary>Which engine ends TLS.</summary>
public enum TlsEngineKind
{
    /// <summary>libssl on Linux, the portable one elsewhere.</summary>
    Auto,

    /// <summary>The machine's libssl.</summary>
    OpenSsl,

    /// <summary>The platform's SslStream: everywhere, at a higher price, without alerts and resumption.</summary>
    SslStream,
}

/// <summary>Makes engines.</summary>
public static class TlsEngines
{
    /// <summary>What <see cref="TlsEngineKind.Auto"/> is on this machine; any other is itself.</summary>
    public static TlsEngineKind Resolve(TlsEngineKind kind) =>
        kind != TlsEngineKind.Auto ? kind : OperatingSystem.IsLinux() ? TlsEngineKind.OpenSsl : TlsEngineKind.SslStream;

    /// <summary>Says why no server can run here with the engine for <paramref name="kind"/>, in one line with the way out; null when it can. To be asked before
    /// anything of the platform's cryptography is used: on Linux that is OpenSSL, too, and says less.</summary>
    public static string? Problem(TlsEngineKind kind)
    {
        if (Resolve(kind) == TlsEngineKind.OpenSsl && OpenSslLibrary.Problem() is { } problem)
            return problem;
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return null;
        }
        catch (Exception e) when (e is PlatformNotSupportedException or CryptographicException or TypeInitializationException)
        {
            return $"The platform's cryptography cannot be used here: {e.Message.TrimEnd('.')}. {OpenSslLibrary.WayOut}";
        }
    }

    /// <summary>The engine for <paramref name="kind"/>.</summary>
    /// <exception cref="TlsEngineException">It cannot be used on this machine, or cannot do what the options ask.</exception>
    public static ITlsEngine Create(TlsEngineKind kind, TlsEngineOptions options)
    {
        if (Resolve(kind) == TlsEngineKind.OpenSsl)
            return new OpenSslEngine(options);
        return options.RefusalForm == RefusalForm.Explain
            ? new SslStreamEngine()
            : throw new TlsEngineException("The portable TLS engine cannot send alerts of its own: set agent.refusal to explain, or agent.tls.engine to openssl.");
    }
}
