using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway.Tests;

/// <summary>Two thousand real connections of one account: idle HTTP/1.1, HTTP/2 and websockets, most of them without a certificate.</summary>
public sealed class WhenThousandsAreConnected(RecipePki pki, ITestOutputHelper output) : IClassFixture<RecipePki>
{
    private const int Count = 2000;

    [Fact]
    public async Task Strict_ends_all_without_a_certificate_within_a_second_and_others_get_in_meanwhile()
    {
        await using var listener = await AgentListener.StartAsync();
        await listener.SetAsync("acc1", "customer1", MtlsMode.LOOSE, pki.Ca.CertificatePem);
        await listener.SetAsync("acc2", "customer2", MtlsMode.STRICT, pki.Ca.CertificatePem);
        using var certificate = X509Certificate2.CreateFromPemFile(pki.Client.Certificate, pki.Client.Key);
        var plain = new List<SslStream>();
        var mtls = new List<SslStream>();
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                var hasCertificate = i % 20 == 19;
                var stream = await OpenAsync(listener, (Kind)(i % 3), hasCertificate ? certificate : null);
                lock (plain)
                    (hasCertificate ? mtls : plain).Add(stream);
            });

            var watch = Stopwatch.StartNew();
            await listener.SetAsync("acc1", "customer1", MtlsMode.STRICT, pki.Ca.CertificatePem);
            var answered = watch.Elapsed;
            var ends = plain.Select(EndAsync).ToList();
            // The other account's clients do not wait for the end of this one's.
            for (var i = 0; i < 5; i++)
                Assert.Equal(200, (await listener.Curl.GetAsync("customer2.agent.test", "/", pki.Client)).Status);
            var other = watch.Elapsed;
            await Task.WhenAll(ends);
            output.WriteLine($"{plain.Count} of {Count} connections gone {watch.ElapsedMilliseconds} ms after the change; it was answered after {answered.TotalMilliseconds:F0} ms; five requests of another account took {(other - answered).TotalMilliseconds:F0} ms");

            // Where the machine is busy with other things, what the gateway did counts: all were told to end, and none of the others.
            Assert.True(answered < Limits.TrustChangeEffective / 2, $"The change was answered after {answered}.");
            Assert.True(ends.Select(end => end.Result - watch.StartedAt()).Max() < s_limit, $"It took {watch.Elapsed}.");
            Assert.Equal(plain.Count, listener.Refusals.Count(r => r is { AccountId: "acc1", Code: RefusalCode.ClientCertificateRequired }));
            foreach (var stream in mtls.Take(20))
                Assert.NotEqual(0, await AskAgainAsync(stream));
        }
        finally
        {
            foreach (var stream in plain.Concat(mtls))
                await stream.DisposeAsync();
        }
    }
}
