using System.Text;
using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>
/// What a step needs to show the client certificate and to know the server, as files of its own folder: paths go into its environment, the key never does.
/// A rotation while it runs writes the new pair to the same place.
/// </summary>
internal sealed class StepIdentity : IDisposable
{
    /// <summary>Server roots that count besides the system's, in one PEM file; set when there are any.</summary>
    private const string RootsVariable = "GATEHOUSE_SERVER_ROOTS";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ClientIdentity _identity;
    private readonly string _folder;
    private readonly string? _rootsFolder;
    private readonly bool _hasCertificate;
    private readonly Lock _writing = new();
    private bool _isOver;

    /// <summary>Lays the files out.</summary>
    /// <param name="identity">The delegate's own.</param>
    /// <param name="rootsFolder">Where extra server roots were read from.</param>
    /// <param name="folder">Is made, for its owner alone; deleted by whoever deletes the task's folder.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    internal StepIdentity(ClientIdentity identity, string rootsFolder, string folder)
    {
        var now = identity.Material;
        (_identity, _folder) = (identity, folder);
        (_hasCertificate, _rootsFolder) = (now.Identity is not null, now.Trust.ExtraRoots.Count > 0 ? rootsFolder : null);
        TaskFolder.MakePrivate(folder);
        identity.Replaced += Renew;
        Write(identity.Material);
    }

    private string Certificate => Path.Combine(_folder, "client.crt");

    private string Key => Path.Combine(_folder, "client.key");

    private string Roots => Path.Combine(_folder, "ca.crt");

    /// <summary>Adds the paths, under the names that the public clients look for (log and TI sheet §9).</summary>
    internal void AddTo(Dictionary<string, string> environment)
    {
        if (_hasCertificate)
        {
            environment["HARNESS_MTLS_CERTS_DIR"] = _folder;
            environment["HARNESS_CLIENT_CERT_FILE"] = Certificate;
            environment["HARNESS_CLIENT_KEY_FILE"] = Key;
        }

        if (_rootsFolder is null)
            return;
        environment["HARNESS_ADDITIONAL_CERTS_DIR"] = _rootsFolder;
        environment["HARNESS_CERTS_DIR"] = _rootsFolder;
        environment[RootsVariable] = Roots;
    }

    /// <summary>No rotation is written any more.</summary>
    public void Dispose()
    {
        _identity.Replaced -= Renew;
        lock (_writing)
            _isOver = true;
    }

    private void Renew(ConnectionMaterial next)
    {
        try
        {
            Write(next);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The step took its folder away: what it shows is its own matter.
        }
    }

    private void Write(ConnectionMaterial material)
    {
        lock (_writing)
        {
            if (_isOver)
                return;
            if (_rootsFolder is not null)
                Write(Roots, material.Trust.ExportPem());
            if (material.Identity is not { } identity)
                return;
            Write(Key, identity.ExportKeyPem());
            Write(Certificate, identity.ExportCertificatesPem());
        }
    }

    /// <summary>Beside, then in place: who reads meanwhile has the old one or the new one.</summary>
    private static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(path + ".new", options))
            file.Write(Encoding.ASCII.GetBytes(text));
        File.Move(path + ".new", path, overwrite: true);
    }
}
