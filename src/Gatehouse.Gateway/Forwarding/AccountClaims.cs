using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway;

/// <summary>Which account a request says it is for: in the query, the path, or the header that delegates send for log correlation.</summary>
/// <param name="Account">The one account it names; null when it names none.</param>
/// <param name="IsAmbiguous">It names two different ones: refused, whoever reads which (threat A8).</param>
internal readonly record struct AccountClaims(string? Account, bool IsAmbiguous)
{
    private static readonly string[] s_queryNames = ["accountId", "accountIdentifier"];
    private static readonly string[] s_pathPrefixes = ["/stream/delegate/", "/api/account/"];
    private const string HeaderName = "accountId";

    /// <summary>Reads all of them; names are compared without regard to case (<c>accountID</c> is the log service's spelling).</summary>
    public static AccountClaims Read(HttpRequest request)
    {
        var claims = new AccountClaims(null, false);
        foreach (var name in s_queryNames)
        {
            // IQueryCollection compares names without regard to case.
            foreach (var value in request.Query[name])
                claims = claims.And(value);
        }
        foreach (var value in request.Headers[HeaderName])
            claims = claims.And(value);
        return claims.And(InPath(request.Path));
    }

    private AccountClaims And(string? account) =>
        string.IsNullOrEmpty(account) || string.Equals(account, Account, StringComparison.Ordinal) ? this
        : Account is null ? this with { Account = account }
        : this with { IsAmbiguous = true };

    private static string? InPath(PathString path)
    {
        var text = path.Value ?? "";
        foreach (var prefix in s_pathPrefixes)
        {
            if (!text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var rest = text[prefix.Length..];
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            return slash < 0 ? rest : rest[..slash];
        }
        return null;
    }
}
