using Gatehouse.Cli.Doctor.Steps;
using Gatehouse.Cli.Doctor.Wire;
using Gatehouse.Client;

namespace Gatehouse.Cli.Doctor;

/// <summary>
/// Looks at a delegate's set-up from its own machine, step by step, as far as each step lets the next one go. Changes nothing anywhere, and
/// sends the token only to a server whose certificate was believed.
/// </summary>
internal sealed class Examination(DoctorInput input, TimeProvider time)
{
    private readonly Findings _findings = new();

    public async Task<DoctorReport> RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var target = AddressStep.Check(input, _findings);
        using var identity = FileStep.Check(input, _findings, now);
        await DelegateStep.AskAsync(input, _findings, cancellationToken);
        var trust = ServerStep.Trust(input, _findings);
        var way = target is null ? null : WayTo(target, trust);
        Pki.CertificateFacts? server = null;
        if (way is not null && await NetworkStep.OpenAsync(way, target!, _findings, input.Timeout, cancellationToken) is { } raw)
            server = await ServerStep.LookAsync(raw, target!, input, trust, input.CertificatePath is not null, _findings, cancellationToken);
        if (server is not null && !_findings.Has(Rank.Interception))
            await AskAsync(new GatewayStep(way!, target!, input, identity, _findings, time), cancellationToken);
        if (target is not null)
            await OperatorStep.AskAsync(input, target.IdnHost, identity, _findings, now, cancellationToken);
        return new DoctorReport(
            target?.GetLeftPart(UriPartial.Authority) ?? input.Url, now, _findings.Diagnoses.All(one => one.IsWarning), _findings.Diagnoses, _findings.Observations, server, identity?.Facts);
    }

    private async Task AskAsync(GatewayStep gateway, CancellationToken cancellationToken)
    {
        if (!await gateway.AskStatusAsync(cancellationToken))
            return;
        await gateway.AskServicesAsync(cancellationToken);
        if (!_findings.Has(Rank.Server))
            await gateway.AskTokenAsync(cancellationToken);
    }

    private WayOut? WayTo(Uri target, ServerTrust trust)
    {
        OutboundProxy? proxy = null;
        if (input.ProxyUrl is { } text)
        {
            if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
            {
                _findings.Diagnose(Rank.Settings, DoctorCodes.ProxyUnusable, "The address of the proxy cannot be used.", "Write it like http://proxy.example:3128, with user:password@ in front of the host if it wants them.", "env | grep -i proxy");
                return null;
            }

            proxy = new OutboundProxy(address, new ProxyBypass(input.NoProxy));
            _findings.Saw("proxy", proxy.GetProxy(target) is null ? $"{proxy.Address}, not used for {target.Host} (NO_PROXY, or loopback)" : proxy.Address);
        }

        return new WayOut(proxy, input.Connect is null ? null : PlaceOf(input.Connect), trust);
    }

    private static (string Host, int Port) PlaceOf(string connect)
    {
        var colon = connect.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(connect.AsSpan(colon + 1), out var port) && port > 0
            ? (connect[..colon].Trim('[', ']'), port)
            : throw CliException.BadInput($"'{connect}' is no place to connect to. Write it like 192.0.2.7:8443.");
    }
}
