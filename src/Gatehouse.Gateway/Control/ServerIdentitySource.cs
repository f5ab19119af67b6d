using System.Security.Cryptography;
using Gatehouse.Tls;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Gateway;

/// <summary>
/// The server certificate in force, read from its files and swapped when their content changes: polled, because renames and symlink swaps
/// escape file watchers. A pair that cannot be used changes nothing; the last good one stays.
/// </summary>
internal sealed partial class ServerIdentitySource : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly GatewayOptions _options;
    private readonly GatewayHealth _health;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerIdentitySource> _logger;
    private volatile ServerIdentity _current;
    private byte[] _fingerprint;

    /// <exception cref="GatewayStartException">The files cannot be used: there is nothing to serve with.</exception>
    public ServerIdentitySource(GatewayOptions options, GatewayHealth health, TimeProvider time, ILogger<ServerIdentitySource> logger)
    {
        (_options, _health, _time, _logger) = (options, health, time, logger);
        try
        {
            (_current, _fingerprint) = Parse(Read());
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new GatewayStartException(Explain(e), e);
        }
    }

    /// <summary>What new handshakes present.</summary>
    public ServerIdentity Current => _current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Refresh();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void Refresh()
    {
        byte[] seen = [];
        try
        {
            var files = Read();
            seen = SHA256.HashData([.. files.Certificate, 0, .. files.Key]);
            if (seen.AsSpan().SequenceEqual(_fingerprint))
                return;
            (_current, _fingerprint) = Parse(files);
            _health.CertificateIsGood();
            Log.Replaced(_logger, _current.Leaf.Subject, _current.Leaf.NotAfter.ToUniversalTime());
        }
        catch (Exception e) when (IsUnusable(e))
        {
            // Said once per content, not once a second.
            if (seen.Length > 0)
                _fingerprint = seen;
            if (!_health.Problems.Contains(Explain(e)))
                Log.Unusable(_logger, Explain(e));
            _health.CertificateIsBad(Explain(e));
        }
    }

    private (byte[] Certificate, byte[] Key) Read() =>
        (File.ReadAllBytes(_options.CertificatePath), File.ReadAllBytes(_options.CertificateKeyPath));

    private static (ServerIdentity, byte[]) Parse((byte[] Certificate, byte[] Key) files) => (
        ServerIdentity.FromPem(System.Text.Encoding.UTF8.GetString(files.Certificate), System.Text.Encoding.UTF8.GetString(files.Key)),
        SHA256.HashData([.. files.Certificate, 0, .. files.Key]));

    private static bool IsUnusable(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private string Explain(Exception e) =>
        $"The server certificate cannot be used ({_options.CertificatePath}, key {_options.CertificateKeyPath}): {e.Message} "
        + "Both must be PEM, the leaf first, the key unencrypted and the leaf's (agent.certificate.path, agent.certificate.keyPath).";

    private static partial class Log
    {
        [LoggerMessage(2401, LogLevel.Information, "The server certificate was replaced: {Subject}, valid until {NotAfter:u}")]
        public static partial void Replaced(ILogger logger, string subject, DateTime notAfter);

        [LoggerMessage(2402, LogLevel.Error, "{Problem} The last good one stays in force.")]
        public static partial void Unusable(ILogger logger, string problem);
    }
}

/// <summary>The gateway cannot start; the message says why and the way out.</summary>
public sealed class GatewayStartException(string message, Exception innerException) : Exception(message, innerException);
