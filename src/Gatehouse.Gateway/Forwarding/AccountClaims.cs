using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Gatehouse.Gateway;

/// <summary>Which account a request says it is for: in the query, the path, the header that delegates send for log correlation, or that of API clients.</summary>
/// <param name="Account">The one account it names; null when it names none.</param>
/// <param name="IsAmbiguous">It names two different ones: refused, whoever reads which (threat A8).</param>
internal readonly partial record struct AccountClaims(string? Account, bool IsAmbiguous)
{
    private static readonly string[] s_queryNames = ["accountId", "accountIdentifier"];
    private static readonly string[] s_pathPrefixes = ["/stream/delegate/", "/api/account/"];
    private static readonly string[] s_headers = ["accountId", "Harness-Account"];

    /// <summary>Reads all of them; names are compared without regard to case (<c>accountID</c> is the log service's spelling).</summary>
    public static AccountClaims Read(HttpRequest request)
    {
        var claims = new AccountClaims(null, false);
        if (request.QueryString.HasValue)
        {
            // What the roles read with: the same reader, without keeping what nobody asks for.
            foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
            {
                if (IsAccount(pair.DecodeName().Span))
                    claims = claims.And(pair.DecodeValue().Span);
            }
        }
        foreach (var header in s_headers)
        {
            foreach (var value in request.Headers[header])
                claims = claims.And(value);
        }
        return claims.And(InPath(request.Path));
    }

    private static bool IsAccount(ReadOnlySpan<char> name)
    {
        foreach (var known in s_queryNames)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private AccountClaims And(ReadOnlySpan<char> account) =>
        account.IsEmpty || account.SequenceEqual(Account) ? this
        : Account is null ? this with { Account = account.ToString() }
        : this with { IsAmbiguous = true };

    private static ReadOnlySpan<char> InPath(PathString path)
    {
        // Some services read several slashes as one.
        var text = path.Value is { } sent && sent.Contains("//", StringComparison.Ordinal) ? Slashes().Replace(sent, "/") : path.Value ?? "";
        foreach (var prefix in s_pathPrefixes)
        {
            if (!text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var rest = text.AsSpan(prefix.Length);
            var slash = rest.IndexOf('/');
            return slash < 0 ? rest : rest[..slash];
        }
        return default;
    }

    [GeneratedRegex("//+", RegexOptions.CultureInvariant)]
    private static partial Regex Slashes();
}
