using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki;

/// <summary>What people need to recognise a certificate request (CSR).</summary>
/// <param name="Subject">RFC 4514 text, control characters escaped, at most 512 characters.</param>
/// <param name="PublicKey">For people, for example <c>RSA 2048</c>.</param>
/// <param name="PublicKeySha256">SHA-256 of its SubjectPublicKeyInfo, upper-case hex.</param>
/// <param name="DnsNames">The dNSName entries it asks for, at most 16, bounded and escaped.</param>
/// <param name="Problem">Why it cannot be signed, a sentence that completes "The request …"; null when it can.</param>
public sealed record RequestFacts(string Subject, string PublicKey, string PublicKeySha256, IReadOnlyList<string> DnsNames, string? Problem)
{
    internal static RequestFacts Of(SigningRequest request) => new(
        request.Subject.Text, request.Key.Name, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(request.Key.Der.Span)),
        CertificateFacts.DnsNamesOf(request.AlternativeNames), ProblemOf(request));

    internal static string? ProblemOf(SigningRequest request) =>
        request.Key.Objection is { } objection ? $"has {objection.Text}. Make a new key and request."
        : request.IsSelfSigned ? null
        : "is not signed with its own key: it was changed on the way, or nobody has shown to have the key. Copy it again, or make it again.";
}
