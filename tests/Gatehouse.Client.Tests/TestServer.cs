using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gatehouse.Pki;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Client.Tests;

/// <summary>Kestrel on a free loopback port with whatever handler and TLS a test wants; notes the certificates clients sent.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, bool tls)
    {
        _app = app;
        Address = new Uri((tls ? "https" : "http") + $"://localhost:{new Uri(app.Urls.First()).Port}");
    }

    public Uri Address { get; }

    /// <summary>Subjects of what the newest client sent, leaf first.</summary>
    public List<string> Sent { get; } = [];

    public static async Task<TestServer> StartAsync(RequestDelegate handler, IssuedCertificate? certificate = null, Func<X509Certificate2?, bool>? admit = null, SslProtocols protocols = SslProtocols.None)
    {
        TestServer? server = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is null)
                return;
            using var pem = X509Certificate2.CreateFromPem(certificate.CertificatePem, certificate.PrivateKeyPem);
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null),
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                SslProtocols = protocols,
                ClientCertificateValidation = (leaf, chain, _) =>
                {
                    server!.Sent.Clear();
                    server.Sent.Add(leaf.Subject);
                    server.Sent.AddRange(chain!.ChainPolicy.ExtraStore.Where(sent => sent.Thumbprint != leaf.Thumbprint).Select(sent => sent.Subject));
                    return admit?.Invoke(leaf) ?? true;
                },
            });
        }));
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(handler);
        await app.StartAsync();
        return server = new TestServer(app, certificate is not null);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }
}
