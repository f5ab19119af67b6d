using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Gatehouse.Pki;
using Gatehouse.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Upgrader.Tests.Support;

/// <summary>
/// What of a cluster's API an upgrader meets, answered as kube-apiserver does: paths, credentials, permissions, media types, tests of a patch, dry runs, versions and Status objects.
/// Whatever it does not know is 404. It notes the conversation.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const string DeploymentPath = "/apis/apps/v1/namespaces/delegates/deployments/build-farm";
    public const string CronJobPath = "/apis/batch/v1/namespaces/delegates/cronjobs/build-farm-upgrader";
    private const string Token = "eyJhbGciOiJSUzI1NiJ9.of-the-service-account.signature";

    private readonly WebApplication _app;
    private int _version = 1000;

    private TestCluster(WebApplication app, TemporaryDirectory directory, IssuedCertificate ca)
    {
        _app = app;
        ServiceAccount = directory.File("serviceaccount");
        Directory.CreateDirectory(ServiceAccount);
        File.WriteAllText(Path.Combine(ServiceAccount, "token"), Token);
        File.WriteAllText(Path.Combine(ServiceAccount, "namespace"), "delegates");
        File.WriteAllText(Path.Combine(ServiceAccount, "ca.crt"), ca.CertificatePem);
        Port = new Uri(app.Urls.First()).Port;
    }

    /// <summary>The folder that a pod finds its service account in.</summary>
    public string ServiceAccount { get; }

    public int Port { get; }

    /// <summary>Objects by path.</summary>
    public Dictionary<string, JsonObject> Objects { get; } = new() { [DeploymentPath] = ClusterObjects.Deployment(), [CronJobPath] = ClusterObjects.CronJob() };

    /// <summary>What the service account may, as <c>verb resource</c>.</summary>
    public HashSet<string> Permissions { get; } = ["get deployments", "patch deployments", "get cronjobs", "patch cronjobs"];

    /// <summary>Is called when a patch has arrived and before it is applied: somebody else's edit.</summary>
    public Action<JsonObject>? Meanwhile { get; set; }

    /// <summary>An admission webhook: looks at the changed object, may change it, and says why it is not taken.</summary>
    public Func<JsonObject, string?>? Admission { get; set; }

    /// <summary>Method, path, query and body of each request.</summary>
    public List<(string Call, string Body)> Conversation { get; } = [];

    public IEnumerable<string> Calls => Conversation.Select(one => one.Call);

    public static async Task<TestCluster> StartAsync(TemporaryDirectory directory)
    {
        var now = TimeProvider.System.GetUtcNow();
        var ca = CertificateIssuer.CreateCa("/CN=kubernetes", 10, KeyKind.EcP256, now);
        var issued = CertificateIssuer.CreateServer(ca.CertificatePem, ca.PrivateKeyPem, ["kubernetes.default.svc", "127.0.0.1"], 5, KeyKind.EcP256, now);
        TestCluster? cluster = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            using var pem = X509Certificate2.CreateFromPem(issued.CertificatePem, issued.PrivateKeyPem);
            listen.UseHttps(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
        }));
        var app = builder.Build();
        app.Run(context => cluster!.AnswerAsync(context));
        await app.StartAsync();
        return cluster = new TestCluster(app, directory, ca);
    }

    public string ImageOf(string path, int container = 0) => (string)ClusterObjects.Containers(Objects[path])[container]!["image"]!;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        Conversation.Add(($"{request.Method} {request.Path}{request.QueryString}", body));
        var (status, answer) = Answer(request, body);
        context.Response.StatusCode = status;
        if (answer is null)
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("404 page not found\n");
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private (int Status, JsonObject? Answer) Answer(HttpRequest request, string body)
    {
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            return No(401, "Unauthorized", "Unauthorized");
        }

        // apis, group, version, namespaces, namespace, resource, name
        var parts = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["apis", var group, "v1", "namespaces", var ns, var resource, var name] || (group, resource) is not (("apps", "deployments") or ("batch", "cronjobs")))
        {
            return (404, null);
        }

        var verb = request.Method.ToLowerInvariant();
        if (!Permissions.Contains($"{verb} {resource}"))
        {
            return No(403, "Forbidden", $"{resource}.{group} \"{name}\" is forbidden: User \"system:serviceaccount:{ns}:upgrader\" cannot {verb} resource \"{resource}\" in API group \"{group}\" in the namespace \"{ns}\"", name);
        }

        if (!Objects.TryGetValue(request.Path.Value!, out var found))
        {
            return No(404, "NotFound", $"{resource}.{group} \"{name}\" not found", name);
        }

        return verb switch
        {
            "get" when !request.QueryString.HasValue => (200, found),
            "patch" when request.ContentType != "application/json-patch+json" => No(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json-patch+json"),
            "patch" when request.Query["dryRun"] is not ([] or ["All"]) => No(422, "Invalid", "dryRun: Unsupported value"),
            "patch" => Patch(request, found, name, body),
            _ => No(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
        };
    }

    private (int Status, JsonObject? Answer) Patch(HttpRequest request, JsonObject found, string name, string body)
    {
        Meanwhile?.Invoke(found);
        var changed = (JsonObject)found.DeepClone();
        if (!JsonPatch.Apply(changed, JsonNode.Parse(body)!.AsArray()))
        {
            return No(422, "Invalid", "the server rejected our request due to an error in our request");
        }

        if (Admission?.Invoke(changed) is { } reason)
        {
            return No(422, "Invalid", $"Deployment.apps \"{name}\" is invalid: {reason}", name);
        }

        if (!JsonNode.DeepEquals(changed, found))
        {
            changed["metadata"]!["resourceVersion"] = $"{++_version}";
            changed["metadata"]!["generation"] = (int)changed["metadata"]!["generation"]! + 1;
        }

        if (!request.Query.ContainsKey("dryRun"))
        {
            Objects[request.Path.Value!] = changed;
        }

        return (200, changed);
    }

    private static (int Status, JsonObject? Answer) No(int code, string reason, string message, string? name = null) => (code, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["details"] = name is null ? new JsonObject() : new JsonObject { ["name"] = name },
        ["code"] = code,
    });
}
