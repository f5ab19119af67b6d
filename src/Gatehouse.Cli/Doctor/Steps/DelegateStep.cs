using System.Text.Json;
using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>What a delegate that runs on this machine says of its files: a pair that is good on disk is of no use when it was not taken over.</summary>
internal static class DelegateStep
{
    private const int MaxAnswerBytes = 64 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    /// <summary>Asks its local HTTP. Nobody there is no fault: the doctor may be called before a delegate is.</summary>
    public static async Task AskAsync(DoctorInput input, Findings findings, CancellationToken cancellationToken)
    {
        if (input.HealthPort is not { } port)
            return;
        var address = new Uri(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/api/health"));
        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = s_limit, MaxResponseContentBufferSize = MaxAnswerBytes };
            using var answer = await http.GetAsync(address, cancellationToken);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            Judge(json.RootElement, address, findings);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is HttpRequestException or JsonException or OperationCanceledException)
        {
            // None runs here, or another program listens there.
        }
    }

    private static void Judge(JsonElement health, Uri address, Findings findings)
    {
        if (health.ValueKind != JsonValueKind.Object || !health.TryGetProperty("certificates", out var certificates) || certificates.ValueKind != JsonValueKind.Object
            || !certificates.TryGetProperty("onDiskIsInUse", out var isInUse) || !certificates.TryGetProperty("lastReload", out var last) || last.ValueKind != JsonValueKind.Object)
            return;
        var serial = certificates.TryGetProperty("inUse", out var inUse) && inUse.ValueKind == JsonValueKind.Object && inUse.TryGetProperty("serialNumber", out var number) ? $"serial {Safe.Line(number.ToString())}" : "none";
        findings.Saw("delegate here", $"client certificate in use: {serial}");
        if (isInUse.ValueKind != JsonValueKind.False)
            return;
        var reason = last.TryGetProperty("reason", out var text) ? Safe.Line(text.ToString()) : "";
        findings.Diagnose(Rank.Warning, DoctorCodes.NotTakenOver, $"The delegate that runs here has not taken over what its files hold, and goes on with what it had (client certificate: {serial}). {reason}".TrimEnd(),
            "Mend the files; it looks every two seconds, and needs no restart.", $"curl -s {address}");
    }
}
