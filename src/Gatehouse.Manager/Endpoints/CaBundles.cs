using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;
using Gatehouse.Pki;

namespace Gatehouse.Manager.Endpoints;

/// <summary>An upload that may be stored: certificates only, and what is odd about them.</summary>
internal sealed record AcceptedBundle(string Pem, IReadOnlyList<ResponseMessage> Warnings);

/// <summary>The door for CA bundles. A private key pasted along is refused, and nothing of the upload is kept or repeated.</summary>
internal static class CaBundles
{
    public static Outcome<AcceptedBundle> Accept(string? pem, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(pem))
            return Invalid($"No CA certificate is given; send 1 to {Limits.MaxCaCertificates} as PEM in caCertificates.");
        if (pem.Length > Limits.MaxCaBundleBytes)
            return Invalid($"The CA bundle is larger than {Limits.MaxCaBundleBytes} bytes.");
        var report = CaBundle.Check(pem, now);
        if (report.Errors.Count > 0)
            return Invalid(string.Join(' ', report.Errors.Take(8).Select(error => error.Text)));
        return new AcceptedBundle(report.NormalizedPem,
            [.. report.Warnings.Select(warning => new ResponseMessage { Code = warning.Code, Level = "WARN", Message = warning.Text })]);
    }

    private static Fault Invalid(string message) => Fault.Of(ProtocolErrorCode.InvalidRequest, message);
}
