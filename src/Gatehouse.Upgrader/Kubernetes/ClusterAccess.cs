using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gatehouse.Upgrader.Kubernetes;

/// <summary>How a pod reaches its cluster's API: two variables, and the files of its service account.</summary>
/// <param name="Address">The API's address.</param>
/// <param name="Token">The service account's token. Secret.</param>
/// <param name="Roots">Whose server certificates are believed; no others are.</param>
/// <param name="Namespace">The pod's own.</param>
internal sealed record ClusterAccess(Uri Address, string Token, X509Certificate2Collection Roots, string Namespace)
{
    private const int MaxFileBytes = 1024 * 1024;

    /// <summary>Reads it.</summary>
    /// <param name="directory">The service account's folder.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="problems">Gets a sentence for everything that is missing.</param>
    /// <returns>Null when there are problems.</returns>
    public static ClusterAccess? Read(string directory, Func<string, string?> variable, List<string> problems)
    {
        if (string.IsNullOrWhiteSpace(variable("KUBERNETES_SERVICE_HOST")) && !Directory.Exists(directory))
        {
            problems.Add($"This is not a pod with a service account: KUBERNETES_SERVICE_HOST is not set, and there is no folder {directory}. Run the upgrader in the cluster, as the CronJob does.");
            return null;
        }

        var before = problems.Count;
        var address = AddressOf(variable("KUBERNETES_SERVICE_HOST"), variable("KUBERNETES_SERVICE_PORT"), problems);
        var token = Text(directory, "token", problems);
        var own = Text(directory, "namespace", problems);
        var roots = RootsIn(directory, problems);
        return problems.Count == before ? new ClusterAccess(address!, token!, roots!, own!) : null;
    }

    private static Uri? AddressOf(string? host, string? port, List<string> problems)
    {
        if (string.IsNullOrWhiteSpace(host))
        {
            problems.Add("KUBERNETES_SERVICE_HOST is not set: the upgrader runs in a pod, where Kubernetes sets it.");
            return null;
        }

        host = IPAddress.TryParse(host.Trim('[', ']'), out var ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{ip}]" : host;
        if (Uri.TryCreate($"https://{host}:{(string.IsNullOrWhiteSpace(port) ? "443" : port)}", UriKind.Absolute, out var address) && address.PathAndQuery == "/" && address.UserInfo.Length == 0)
        {
            return address;
        }

        problems.Add($"KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are '{host}' and '{port}': a host and a port are legal.");
        return null;
    }

    private static string? Text(string directory, string file, List<string> problems)
    {
        if (Bytes(directory, file, problems) is not { } bytes)
        {
            return null;
        }

        var text = System.Text.Encoding.UTF8.GetString(bytes).Trim();
        if (text.Length > 0 && !text.Any(char.IsControl))
        {
            return text;
        }

        problems.Add($"{Path.Combine(directory, file)} is empty or not one line of text. {Mount}");
        return null;
    }

    private static X509Certificate2Collection? RootsIn(string directory, List<string> problems)
    {
        const string File = "ca.crt";
        if (Bytes(directory, File, problems) is not { } bytes)
        {
            return null;
        }

        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(System.Text.Encoding.UTF8.GetString(bytes));
        }
        catch (CryptographicException)
        {
            // Told below, as an empty file is.
        }

        if (roots.Count > 0)
        {
            return roots;
        }

        problems.Add($"{Path.Combine(directory, File)} holds no certificate in PEM. {Mount}");
        return null;
    }

    private static byte[]? Bytes(string directory, string file, List<string> problems)
    {
        var path = Path.Combine(directory, file);
        try
        {
            if (new FileInfo(path).Length <= MaxFileBytes)
            {
                return System.IO.File.ReadAllBytes(path);
            }

            problems.Add($"{path} is larger than 1 MiB.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path} cannot be read ({e.Message.TrimEnd('.')}). {Mount}");
        }

        return null;
    }

    private const string Mount = "Kubernetes mounts it into pods with a service account; see that automountServiceAccountToken is not false.";
}
