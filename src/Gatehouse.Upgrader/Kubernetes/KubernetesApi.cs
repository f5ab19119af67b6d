using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Client;

namespace Gatehouse.Upgrader.Kubernetes;

/// <summary>
/// The few calls of the cluster's API that an upgrade makes. Ours and not a library's: four requests on three fields need no model of the whole API,
/// which would be most of the program's size and start.
/// </summary>
internal sealed class KubernetesApi : IDisposable
{
    /// <summary>An object has at most 1.5 MB in the cluster's store.</summary>
    private const int MaxAnswerBytes = 3 * 1024 * 1024;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Uri _address;

    public KubernetesApi(ClusterAccess access)
    {
        _address = access.Address;
        // The cluster's API is beside the pod: a proxy is never on the way there.
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = Policy(access.Roots),
            },
        })
        {
            BaseAddress = access.Address,
            Timeout = s_limit,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", access.Token);
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"gatehouse-upgrader/{Help.Version}");
    }

    /// <summary>Reads an object.</summary>
    /// <param name="path">For example <c>/apis/apps/v1/namespaces/delegates/deployments/build-farm</c>.</param>
    /// <param name="type">What of it is read.</param>
    /// <param name="cancel">The caller's.</param>
    /// <exception cref="KubernetesException">The answer is no, or there is none.</exception>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, type, cancel);

    /// <summary>Changes an object, if every test in the patch holds.</summary>
    /// <param name="path">The object's.</param>
    /// <param name="steps">The patch.</param>
    /// <param name="dryRun">The cluster does everything but keep the result.</param>
    /// <param name="type">What is read of the changed object.</param>
    /// <param name="cancel">The caller's.</param>
    /// <exception cref="KubernetesException">The answer is no, or there is none.</exception>
    public async Task<T> PatchAsync<T>(string path, IReadOnlyList<PatchStep> steps, bool dryRun, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(steps, KubernetesJson.Default.IReadOnlyListPatchStep));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json-patch+json");
        return await SendAsync(HttpMethod.Patch, $"{path}?fieldManager=gatehouse-upgrader{(dryRun ? "&dryRun=All" : "")}", content, type, cancel);
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        try
        {
            using var response = await _http.SendAsync(request, cancel);
            var body = await response.Content.ReadAsByteArrayAsync(cancel);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(body, type) ?? throw new JsonException("null")
                : throw new KubernetesException(response.StatusCode, StatusOf(body));
        }
        catch (JsonException e)
        {
            throw new KubernetesException($"What answers at {Authority} is not the API of a Kubernetes cluster.", "Check KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw Unreached(e);
        }
    }

    private string Authority => _address.GetLeftPart(UriPartial.Authority);

    private KubernetesException Unreached(Exception e)
    {
        if (e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } || e.InnerException is AuthenticationException)
        {
            return new KubernetesException(
                $"The server certificate at {Authority} is not one of the cluster's ({PeerText.Clean((e.InnerException ?? e).Message, 200)}).",
                "It must be signed by ca.crt of the service account and name this host.", e);
        }

        var failure = ConnectionFaults.Explain(e, _address, null);
        return new KubernetesException($"The cluster's API does not answer: {failure.Message}", failure.NextStep, e);
    }

    private static Status? StatusOf(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, KubernetesJson.Default.Status);
        }
        catch (JsonException)
        {
            // What stands before the API, and the API for paths that it does not know, say no in other ways.
            return null;
        }
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
