using System.Text;

namespace Gatehouse.Cli.Certificates;

/// <summary>A file to be written.</summary>
/// <param name="Name">Without folder.</param>
/// <param name="Content">All of it.</param>
/// <param name="IsSecret">For its owner's eyes alone: mode 0600.</param>
internal sealed record NewFile(string Name, byte[] Content, bool IsSecret)
{
    /// <summary>A file everybody may read.</summary>
    public static NewFile Public(string name, string text) => new(name, Encoding.UTF8.GetBytes(text), IsSecret: false);

    /// <summary>A file with a private key.</summary>
    public static NewFile Secret(string name, string text) => new(name, Encoding.UTF8.GetBytes(text), IsSecret: true);
}
