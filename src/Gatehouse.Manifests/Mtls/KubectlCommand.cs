using Gatehouse.Manifests.Text;

namespace Gatehouse.Manifests.Mtls;

/// <summary>How a person makes the Secret.</summary>
public static class KubectlCommand
{
    /// <summary>The command that creates a Secret of two files.</summary>
    /// <param name="secret">The Secret.</param>
    /// <param name="certificateFile">The certificate's file; default as it is called in the Secret.</param>
    /// <param name="keyFile">The key's file; default as it is called in the Secret.</param>
    public static string CreateSecret(MountedSecret secret, string? certificateFile = null, string? keyFile = null)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var certificate = ShellWord.Of(certificateFile ?? secret.Keys.Certificate);
        var key = ShellWord.Of(keyFile ?? secret.Keys.Key);
        var space = secret.Namespace is { } name ? $" -n {ShellWord.Of(name)}" : "";
        return secret.Keys == SecretKeys.Tls
            ? $"kubectl create secret{space} tls {ShellWord.Of(secret.Name)} --cert {certificate} --key {key}"
            : $"kubectl create secret{space} generic {ShellWord.Of(secret.Name)} --from-file {secret.Keys.Certificate}={certificate} --from-file {secret.Keys.Key}={key}";
    }
}
