using System.Security.Cryptography;
using System.Text;
using Gatehouse.Pki;

namespace Gatehouse.Client;

/// <summary>
/// The client certificate and key of two PEM files, read again when their content changes. The content is compared, not times or inodes:
/// that sees renames, in-place writes and the symlink swaps of Kubernetes Secrets alike. What cannot be used is reported, and the last good pair stays.
/// </summary>
public sealed class ClientIdentity
{
    private const int MaxFileBytes = 1024 * 1024;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly string _certificatePath;
    private readonly string _keyPath;
    private readonly TimeProvider _time;
    private readonly Lock _checking = new();
    private byte[] _seen = [];
    private volatile LoadedIdentity _current;
    private string? _lastError;

    private ClientIdentity(string certificatePath, string keyPath, TimeProvider time)
    {
        _certificatePath = certificatePath;
        _keyPath = keyPath;
        _time = time;
        var (pem, hash) = Read();
        _seen = hash;
        _current = new LoadedIdentity(pem, 1);
    }

    /// <summary>Raised after a rotation, on the watching task.</summary>
    public event Action<LoadedIdentity>? Replaced;

    /// <summary>Raised with a sentence once for each content that cannot be used.</summary>
    public event Action<string>? Failed;

    /// <summary>The newest pair that could be used.</summary>
    public LoadedIdentity Current => _current;

    /// <summary>Rotations since the start.</summary>
    public long Reloads { get; private set; }

    /// <summary>Contents that could not be used since the start.</summary>
    public long FailedReloads { get; private set; }

    /// <summary>Reads the pair.</summary>
    /// <exception cref="ClientIdentityException">A file is missing, unreadable, or the two do not fit.</exception>
    public static ClientIdentity Load(string certificatePath, string keyPath, TimeProvider time) => new(certificatePath, keyPath, time);

    /// <summary>Looks at the files every two seconds until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(s_pause, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
                Check();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    /// <summary>Looks at the files once. True when a new pair is in use.</summary>
    public bool Check()
    {
        LoadedIdentity next;
        lock (_checking)
        {
            try
            {
                var (certificate, key, hash) = ReadFiles();
                if (hash.AsSpan().SequenceEqual(_seen))
                    return false;

                // Remembered before parsing, so that a half-written pair is reported once and not every two seconds.
                _seen = hash;
                next = new LoadedIdentity(Parse(certificate, key), _current.Generation + 1);
            }
            catch (ClientIdentityException failure)
            {
                Report(failure.Message);
                return false;
            }

            _current = next;
            _lastError = null;
            Reloads++;
        }

        Replaced?.Invoke(next);
        return true;
    }

    private void Report(string error)
    {
        if (error == _lastError)
            return;
        _lastError = error;
        FailedReloads++;
        Failed?.Invoke($"{error} The certificate with serial {_current.Facts.SerialNumber} stays in use.");
    }

    private (PemIdentity Pem, byte[] Hash) Read()
    {
        var (certificate, key, hash) = ReadFiles();
        return (Parse(certificate, key), hash);
    }

    private PemIdentity Parse(byte[] certificate, byte[] key)
    {
        try
        {
            return PemIdentity.Parse(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
        }
        catch (PemIdentityException failure)
        {
            throw new ClientIdentityException($"The client certificate {_certificatePath} with the key {_keyPath} cannot be used: {failure.Message}", failure);
        }
    }

    private (byte[] Certificate, byte[] Key, byte[] Hash) ReadFiles()
    {
        var certificate = ReadFile(_certificatePath, "certificate");
        var key = ReadFile(_keyPath, "key");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(certificate));
        hash.AppendData(SHA256.HashData(key));
        return (certificate, key, hash.GetHashAndReset());
    }

    private static byte[] ReadFile(string path, string what)
    {
        try
        {
            if (Directory.Exists(path))
                throw new ClientIdentityException($"The client {what} {path} is a folder. With Docker that happens when the file to mount does not exist on the host.");
            if (new FileInfo(path).Length > MaxFileBytes)
                throw new ClientIdentityException($"The client {what} {path} is larger than 1 MiB.");
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ClientIdentityException($"The client {what} {path} cannot be read: {failure.Message.TrimEnd('.')}.", failure);
        }
    }
}
