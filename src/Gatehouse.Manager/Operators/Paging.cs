using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.Manager.Operators;

/// <summary>Reads <c>after</c> and <c>limit</c>. What is no number counts as absent: a list is never refused for it.</summary>
internal static class Paging
{
    public static long After(IQueryCollection query) =>
        long.TryParse(query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var after) ? after : 0;

    public static int Limit(IQueryCollection query, int preset, int most) =>
        int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? Math.Min(limit, most) : preset;
}
