using System.Text;
using Gatehouse.Gateway;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// Which account a request says it is for. Input: query string, path and headers, one a line. What the gateway reads must be what a plain
/// second reader reads, and what the manager behind it reads must never be another account than the gateway believed.
/// </summary>
internal sealed class AccountClaimsTarget : IFuzzTarget
{
    public string Name => "account-claims";

    public int MaxLength => 1024;

    public IEnumerable<byte[]> Seeds =>
        new[]
        {
            "?accountId=acc1\n/api/agent/delegates/register\n", "?accountIdentifier=acc1&accountId=acc1\n/\naccountId: acc1", "?a=1\n/stream/delegate/acc1\n",
            "?%61ccountId=acc%31&accountID=acc2\n/api/account/acc1/status\naccountid: acc1\nACCOUNTID: acc2", "?accountId=&accountId=a+b\n/STREAM/delegate/\n", "?accountId\n/api/account/a%2fb\n",
        }.Select(Encoding.Latin1.GetBytes);

    public IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "accountId", "accountIdentifier", "ACCOUNTID", "acc1", "acc2", "&", ";", "=", "?", "%61", "%", "%00", "+", "[]", "/stream/delegate/", "/api/account/", "//", "/./", "\n", "accountId: " }.Select(Encoding.Latin1.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var lines = Encoding.Latin1.GetString(input).Split('\n');
        var request = new DefaultHttpContext().Request;
        // As a server gives them on: the query as sent, the path decoded.
        request.QueryString = lines[0].StartsWith('?') ? new QueryString(lines[0]) : QueryString.Empty;
        var path = lines.Length > 1 && lines[1].StartsWith('/') ? lines[1] : "/";
        request.Path = new PathString(path);
        var headers = new List<string>();
        foreach (var line in lines.Skip(2))
        {
            if (line.StartsWith("accountId: ", StringComparison.OrdinalIgnoreCase))
                headers.Add(line[11..]);
        }
        request.Headers["accountId"] = headers.ToArray();

        var claims = AccountClaims.Read(request);

        // Of texts that cannot be accounts (bytes that are no UTF-8, say) readers may think as they like: no account is let in by them.
        var named = InQuery(request.QueryString.Value ?? "").Concat(headers).Append(InPath(path)).Where(a => a.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var accounts = named.Where(IsAccount).ToList();
        FuzzFindingException.Unless(accounts.Count <= 1 || claims.IsAmbiguous, $"Two accounts are not ambiguous: {string.Join(" | ", accounts)}");
        FuzzFindingException.Unless(named.Count > 1 || !claims.IsAmbiguous, "One account is ambiguous");
        if (!claims.IsAmbiguous && (accounts.Count > 0 || (claims.Account is { } read && IsAccount(read))))
            FuzzFindingException.UnlessEqual(accounts.FirstOrDefault(), claims.Account, "Account");
        // The manager takes the one value of accountId in the query (its AgentGate); it must be the gateway's.
        if (!claims.IsAmbiguous && request.Query["accountId"] is { Count: 1 } asked && asked[0] is { Length: > 0 } account)
            FuzzFindingException.UnlessEqual(claims.Account, account, "What the manager reads");
    }

    private static bool IsAccount(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    // application/x-www-form-urlencoded, plainly: pairs between ampersands, the first equals sign, plus for blank, percent for bytes of UTF-8.
    private static IEnumerable<string> InQuery(string query)
    {
        foreach (var pair in query[(query.StartsWith('?') ? 1 : 0)..].Split('&'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            if (string.Equals(name, "accountId", StringComparison.OrdinalIgnoreCase) || string.Equals(name, "accountIdentifier", StringComparison.OrdinalIgnoreCase))
                yield return equals < 0 ? "" : Decode(pair[(equals + 1)..]);
        }
    }

    private static string Decode(string text)
    {
        var bytes = new List<byte>();
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
                continue;
            }
            Take();
            result.Append(text[i] == '+' ? ' ' : text[i]);
        }
        Take();
        return result.ToString();

        void Take()
        {
            result.Append(Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
        }
    }

    private static string InPath(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal))
            path = path.Replace("//", "/", StringComparison.Ordinal);
        foreach (var prefix in new[] { "/stream/delegate/", "/api/account/" })
        {
            if (path.Length > prefix.Length && path[..prefix.Length].Equals(prefix, StringComparison.OrdinalIgnoreCase))
                return path[prefix.Length..].Split('/')[0];
        }
        return "";
    }
}
