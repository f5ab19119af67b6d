using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Client.Operator;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>What the operator's side knows: the endpoint's real name and mode, the verdict by its CA bundle, and what it refused lately.</summary>
internal static class OperatorStep
{
    private const int Looked = 100;

    public static async Task AskAsync(DoctorInput input, string host, PemIdentity? identity, Findings findings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (input.Operator is not { } client || input.Account is not { } account)
            return;
        try
        {
            var endpoint = await client.GetEndpointAsync(account, cancellationToken);
            findings.Saw("endpoint", $"{endpoint.Fqdn}, {endpoint.Mode}");
            if (!host.Equals(endpoint.Fqdn, StringComparison.OrdinalIgnoreCase) && !host.Equals(endpoint.VanityHost, StringComparison.OrdinalIgnoreCase))
            {
                findings.Diagnose(Rank.Settings, DoctorCodes.OtherHost, $"The account's mTLS endpoint is {endpoint.Fqdn}, and {host} is set.", "Set MANAGER_HOST_AND_PORT to the endpoint.", $"export MANAGER_HOST_AND_PORT=https://{endpoint.Fqdn}");
            }

            if (identity is not null)
                Judge(input, identity, endpoint.CaCertificates, findings, now);
            foreach (var refusal in (await client.ListRefusalsAsync(account, 0, Looked, cancellationToken)).Where(one => identity is not null && one.Certificate?.SerialNumber == identity.Facts.SerialNumber).Take(3))
                findings.Saw("refused lately", $"{refusal.Code}, {refusal.Count} times, last {Words.When(refusal.LastSeen)}, from {refusal.RemoteAddress}");
        }
        catch (OperatorApiException e)
        {
            findings.Saw("endpoint", $"the operator API did not tell: {Safe.Line(e.Message)}");
        }
    }

    private static void Judge(DoctorInput input, PemIdentity identity, string bundle, Findings findings, DateTimeOffset now)
    {
        using var certificates = PkiFile.Read(System.Text.Encoding.ASCII.GetBytes(PkiFile.ToPem([identity.Leaf.RawData, .. identity.Intermediates.Select(one => (ReadOnlyMemory<byte>)one.RawData)])));
        var verdict = ClientVerdict.Of(certificates, null, bundle, now);
        findings.Saw("verdict by the account's CA bundle", verdict.Code ?? $"accepted until {Words.When(verdict.ValidUntil)}");
        if (verdict.Code is { } code)
            findings.Diagnose(Rank.Operator, code, verdict.Message, verdict.NextStep, RefusalReading.CommandFor(input, code));
    }
}
