using System.Text;
using System.Text.Json;

namespace Gatehouse.Delegate;

/// <summary>Writes <c>/api/health</c>.</summary>
internal sealed class HealthText(string delegateName, ManagerLink link, TaskBoard board, CertificateText certificates)
{
    internal (int Status, string Body) Write()
    {
        var (isWell, reason) = link.Health();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", isWell ? "healthy" : "unhealthy");
            json.WriteString("delegateName", delegateName);
            json.WriteString("delegateId", link.DelegateId);
            json.WriteBoolean("streamOpen", link.IsStreamOpen);
            json.WriteNumber("runningTasks", board.Running.Count);
            json.WriteString("reason", reason);
            certificates.WriteTo(json);
            json.WriteEndObject();
        }

        return (isWell ? 200 : 503, Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
