using System.Globalization;
using System.Text;
using System.Text.Json;
using Gatehouse.Client;
using Gatehouse.Pki;

namespace Gatehouse.Delegate;

/// <summary>What health and metrics say of the client certificate: the one in its file beside the one in use, and what came of the last change.</summary>
internal sealed class CertificateText(ClientIdentity identity)
{
    /// <summary>Member <c>certificates</c> of <c>/api/health</c>.</summary>
    internal void WriteTo(Utf8JsonWriter json)
    {
        var (material, report) = (identity.Material, identity.Report);
        json.WriteStartObject("certificates");
        Write(json, "inUse", material.Identity?.Facts);
        Write(json, "onDisk", report.OnDisk);
        json.WriteBoolean("onDiskIsInUse", report.IsDiskInUse);
        json.WriteNumber("serverRoots", material.Trust.ExtraRoots.Count);
        json.WriteStartObject("lastReload");
        json.WriteString("at", report.At.UtcDateTime);
        json.WriteString("result", NameOf(report.Result));
        json.WriteString("reason", report.Reason);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Lines of <c>/api/metrics</c>. Seconds are since 1970; a certificate that cannot be read has no lines.</summary>
    internal void AppendTo(StringBuilder text, string label)
    {
        var report = identity.Report;
        (string State, CertificateFacts? Facts)[] both = [("in_use", identity.Material.Identity?.Facts), ("on_disk", report.OnDisk)];
        if (both[0].Facts is { } inUse)
        {
            Family("cert_not_after", "gauge", "When the client certificate in use ends, in seconds since 1970.");
            text.Append(CultureInfo.InvariantCulture, $"cert_not_after{{{label}}} {inUse.NotAfter.ToUnixTimeSeconds()}\n");
            Family("cert", "info", "The client certificate that new connections show, and the one in its file.");
            foreach (var (state, facts) in both)
            {
                if (facts is not null)
                    text.Append(CultureInfo.InvariantCulture, $"cert_info{{{label},state=\"{state}\",serial=\"{facts.SerialNumber}\",sha256=\"{facts.Sha256}\",not_after=\"{facts.NotAfter.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\"}} 1\n");
            }
        }

        Family("cert_on_disk_in_use", "gauge", "1 when what certificate files and server roots hold is what new connections use.");
        text.Append(CultureInfo.InvariantCulture, $"cert_on_disk_in_use{{{label}}} {(report.IsDiskInUse ? 1 : 0)}\n");
        Family("reload", "counter", "Changed certificate files and server roots that were taken over, and that were not.");
        text.Append(CultureInfo.InvariantCulture, $"reload_total{{{label},result=\"loaded\"}} {identity.Reloads}\n");
        text.Append(CultureInfo.InvariantCulture, $"reload_total{{{label},result=\"refused\"}} {identity.FailedReloads}\n");
        Family("last_reload_timestamp", "gauge", "When the last change was judged, in seconds since 1970; the start counts as one.");
        text.Append(CultureInfo.InvariantCulture, $"last_reload_timestamp{{{label},result=\"{NameOf(report.Result)}\"}} {report.At.ToUnixTimeSeconds()}\n");

        void Family(string name, string type, string help) => text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n# HELP {name} {help}\n");
    }

    private static string NameOf(ReloadResult result) => result switch
    {
        ReloadResult.Loaded => "loaded",
        ReloadResult.Waiting => "waiting",
        _ => "refused",
    };

    private static void Write(Utf8JsonWriter json, string name, CertificateFacts? facts)
    {
        if (facts is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("subject", facts.Subject);
        json.WriteString("issuer", facts.Issuer);
        json.WriteString("serialNumber", facts.SerialNumber);
        json.WriteString("sha256", facts.Sha256);
        json.WriteString("notBefore", facts.NotBefore.UtcDateTime);
        json.WriteString("notAfter", facts.NotAfter.UtcDateTime);
        json.WriteEndObject();
    }
}
