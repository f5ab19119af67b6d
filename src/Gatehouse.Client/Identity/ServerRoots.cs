using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gatehouse.Client;

/// <summary>The extra server roots of one look, and which files they came from.</summary>
/// <param name="Trust">What they make.</param>
/// <param name="Paths">Files that gave at least one.</param>
/// <param name="Faults">Files that gave none, and why.</param>
/// <param name="Skipped">The same as sentences.</param>
internal sealed record ServerRoots(ServerTrust Trust, IReadOnlyList<string> Paths, IReadOnlyDictionary<string, string> Faults, IReadOnlyList<string> Skipped)
{
    /// <summary>Reads every file as PEM or DER.</summary>
    internal static ServerRoots Of(IdentityContents contents, string? folder)
    {
        var roots = new X509Certificate2Collection();
        var paths = new List<string>();
        var faults = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in contents.Roots)
        {
            if ((file.Problem ?? Add(roots, file.Bytes)) is { } problem)
                faults[file.Path] = problem;
            else
                paths.Add(file.Path);
        }

        List<string> skipped = [.. faults.Select(fault => $"{fault.Key} was skipped as a source of server roots: {fault.Value}.")];
        if (contents.RootsProblem is { } whole)
            skipped.Add(whole);
        return new ServerRoots(ServerTrust.Of(roots, folder), paths, faults, skipped);
    }

    /// <summary>
    /// Why these must not follow on roots of the given files; null when they may. A file that gave roots and is broken now is being written or was spoilt, and a
    /// folder that is empty now is being filled or is not mounted any more. A file that is gone is a root that is not trusted any more, and a
    /// file that never gave any harms nobody.
    /// </summary>
    internal string? WhyLess(IReadOnlyList<string> before)
    {
        if (before.FirstOrDefault(Faults.ContainsKey) is { } broken)
            return $"The server roots of {broken} cannot be used any more: {Faults[broken]}. Put the file there again, or take it away.";
        return before.Count > 0 && Paths.Count == 0
            ? $"{Path.GetDirectoryName(before[0])} holds no server root any more. Put the roots there again; to do without, restart the delegate."
            : null;
    }

    private static string? Add(X509Certificate2Collection roots, byte[] bytes)
    {
        try
        {
            var found = new X509Certificate2Collection();
            if (bytes.AsSpan().IndexOf("-----BEGIN"u8) >= 0)
                found.ImportFromPem(Encoding.UTF8.GetString(bytes));
            else
                found.Add(X509CertificateLoader.LoadCertificate(bytes));
            roots.AddRange(found);
            return found.Count == 0 ? "it holds no certificate" : null;
        }
        catch (CryptographicException failure)
        {
            return failure.Message.TrimEnd('.');
        }
    }
}
