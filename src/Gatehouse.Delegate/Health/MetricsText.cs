using System.Globalization;
using System.Text;
using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>Writes <c>/api/metrics</c>: OpenMetrics 1.0 text, the public delegate's names (protocol sheet §8.2) and ours for the certificate.</summary>
internal sealed class MetricsText(
    string delegateName, DelegateMetrics metrics, ManagerLink link, CertificateText certificates, IReadOnlyList<(string Service, AgentHttp Http)> services)
{
    internal const string ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    internal string Write()
    {
        var text = new StringBuilder();
        var label = $"delegate_name=\"{Escape(delegateName)}\"";
        text.Append("# TYPE task_execution_time summary\n# HELP task_execution_time Seconds from taking a task to its end.\n");
        foreach (var (type, (count, seconds)) in metrics.Times.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"task_execution_time_count{{{label},task_type=\"{type}\"}} {count}\n");
            text.Append(CultureInfo.InvariantCulture, $"task_execution_time_sum{{{label},task_type=\"{type}\"}} {seconds:0.######}\n");
        }

        Gauge("tasks_currently_executing", "Tasks in work.", metrics.Executing);
        Counter("task_timeout", "Tasks stopped at their time limit.", metrics.TimedOut);
        Counter("task_completed", "Tasks that ended well.", metrics.Completed);
        Counter("task_failed", "Tasks that failed.", metrics.Failed);
        Counter("task_rejected", "Offers left because DELEGATE_TASK_CAPACITY was reached.", metrics.RejectedTotal);
        Gauge("delegate_connected", "1 when the manager accepts this delegate.", link.Health().IsWell ? 1 : 0);
        Gauge("delegate_stream_open", "1 when tasks are pushed, 0 when they are polled for.", link.IsStreamOpen ? 1 : 0);
        text.Append("# TYPE exchange counter\n# HELP exchange Requests to a service: answered, whatever the answer said, or not.\n");
        foreach (var (service, http) in services)
        {
            text.Append(CultureInfo.InvariantCulture, $"exchange_total{{{label},service=\"{service}\",result=\"answered\"}} {http.Answered}\n");
            text.Append(CultureInfo.InvariantCulture, $"exchange_total{{{label},service=\"{service}\",result=\"unanswered\"}} {http.Unanswered}\n");
        }

        certificates.AppendTo(text, label);
        return text.Append("# EOF\n").ToString();

        void Gauge(string name, string help, long value) => Sample(name, "gauge", help, "", value);

        void Counter(string name, string help, long value) => Sample(name, "counter", help, "_total", value);

        void Sample(string name, string type, string help, string suffix, long value) =>
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n# HELP {name} {help}\n{name}{suffix}{{{label}}} {value}\n");
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
