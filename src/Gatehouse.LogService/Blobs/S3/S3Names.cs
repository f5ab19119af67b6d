using System.Globalization;
using System.Text;
using Gatehouse.LogService.Streams;

namespace Gatehouse.LogService.Blobs.S3;

/// <summary>
/// Names of objects: <c>prefix/account/key</c>, readable as far as they can be. A key is any text, and a name goes through URLs, XML and, with some services,
/// file systems: bytes that may be changed or misread on the way are written as <c>~</c> and two digits, and so are slashes and dots that would
/// make an empty or relative part. Each byte is written by itself and its predecessor alone, so that a name begins with another when the keys do.
/// </summary>
internal sealed class S3Names(string prefix)
{
    /// <summary>What S3 takes.</summary>
    private const int MaxBytes = 1_024;
    private readonly string _prefix = prefix.Length == 0 || prefix.EndsWith('/') ? prefix : prefix + "/";

    public string All => _prefix;

    public string Of(StreamId id) => AccountPrefix(id.Account) + Escape(id.Key);

    public bool Takes(StreamId id) => Encoding.UTF8.GetByteCount(Of(id)) <= MaxBytes;

    /// <summary>The key of an object of that account.</summary>
    public string KeyOf(string account, string name) => Unescape(name[AccountPrefix(account).Length..]);

    /// <summary>The account of an object.</summary>
    public string AccountOf(string name) => Unescape(name[_prefix.Length..].Split('/')[0]);

    private string AccountPrefix(string account) => _prefix + Escape(account, keepSlashes: false) + "/";

    private static string Escape(string text, bool keepSlashes = true)
    {
        var name = new StringBuilder();
        var before = (byte)'/';
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'-' or (byte)'_' or (byte)':' or (byte)'=' or (byte)',' ||
                (before != '/' && (one == '.' || (one == '/' && keepSlashes))))
                name.Append((char)one);
            else
                name.Append('~').Append(one.ToString("X2", CultureInfo.InvariantCulture));
            before = one;
        }
        return name.ToString();
    }

    private static string Unescape(string name)
    {
        var bytes = new List<byte>(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '~' && byte.TryParse(name.AsSpan(i + 1, Math.Min(2, name.Length - i - 1)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var one))
            {
                bytes.Add(one);
                i += 2;
            }
            else
            {
                bytes.Add((byte)name[i]);
            }
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
