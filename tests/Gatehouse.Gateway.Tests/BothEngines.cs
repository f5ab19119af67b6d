using Gatehouse.Tls;

namespace Gatehouse.Gateway.Tests;

// Engines differ in cost, never in what they admit: the same tests on both.

public sealed class WhenClientsConnectToLibssl(RecipePki pki) : WhenClientsConnect(pki, TlsEngineKind.OpenSsl);

public sealed class WhenClientsConnectToSslStream(RecipePki pki) : WhenClientsConnect(pki, TlsEngineKind.SslStream);

public sealed class WhenCertificatesAreRevokedOnLibssl(RecipePki pki) : WhenCertificatesAreRevoked(pki, TlsEngineKind.OpenSsl);

public sealed class WhenCertificatesAreRevokedOnSslStream(RecipePki pki) : WhenCertificatesAreRevoked(pki, TlsEngineKind.SslStream);

public sealed class WhenTrustChangesOnLibssl(RecipePki pki) : WhenTrustChanges(pki, TlsEngineKind.OpenSsl);

public sealed class WhenTrustChangesOnSslStream(RecipePki pki) : WhenTrustChanges(pki, TlsEngineKind.SslStream);

public sealed class WhenCertificatesAreCostlyOnLibssl(RecipePki pki) : WhenCertificatesAreCostly(pki, TlsEngineKind.OpenSsl);

public sealed class WhenCertificatesAreCostlyOnSslStream(RecipePki pki) : WhenCertificatesAreCostly(pki, TlsEngineKind.SslStream);

public sealed class WhenPeersBreakTheRulesOnLibssl(RecipePki pki) : WhenPeersBreakTheRules(pki, TlsEngineKind.OpenSsl);

public sealed class WhenPeersBreakTheRulesOnSslStream(RecipePki pki) : WhenPeersBreakTheRules(pki, TlsEngineKind.SslStream);

public sealed class WhenHellosAreOddOnLibssl(RecipePki pki) : WhenHellosAreOdd(pki, TlsEngineKind.OpenSsl);

public sealed class WhenHellosAreOddOnSslStream(RecipePki pki) : WhenHellosAreOdd(pki, TlsEngineKind.SslStream);

public sealed class WhenRequestsAreForgedOnLibssl(RecipePki pki) : WhenRequestsAreForged(pki, TlsEngineKind.OpenSsl);

public sealed class WhenRequestsAreForgedOnSslStream(RecipePki pki) : WhenRequestsAreForged(pki, TlsEngineKind.SslStream);
