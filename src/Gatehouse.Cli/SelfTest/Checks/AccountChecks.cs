namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>A8: through its own endpoint a client gets no further than its own account, however it writes the other one's id.</summary>
internal sealed class AccountChecks(Lab lab) : CheckGroup(lab)
{
    public override IEnumerable<Check> All()
    {
        if (Input.Account is not { } own || Input.OtherAccount is not { } other)
        {
            yield return Check.NotTested(Threats.A8, "the other account's id in query, header and path", Input.Account is null ? "give --account and --other-account" : "give --other-account");
            yield break;
        }

        var escaped = string.Concat(other.Select(c => $"%{(int)c:X2}"));
        var path = Lab.StatusPath(own);
        yield return Of($"path {Lab.StatusPath(other)}", Lab.StatusPath(other));
        yield return Of($"path with the id percent-encoded ({escaped})", $"/api/account/{escaped}/status");
        yield return Of("path by way of the own account (..)", $"/api/account/{own}/../{other}/status");
        yield return Of("path by way of the own account, dots percent-encoded (%2e%2e)", $"/api/account/{own}/%2e%2e/{other}/status");
        yield return Of("path in upper case", $"/API/ACCOUNT/{other}/STATUS");
        yield return Of($"query accountId={other}", $"{path}?accountId={other}");
        yield return Of($"query accountIdentifier={other}", $"{path}?accountIdentifier={other}");
        yield return Of($"query ACCOUNTID={other}", $"{path}?ACCOUNTID={other}");
        yield return Of("query accountId twice, own first", $"{path}?accountId={own}&accountId={other}");
        yield return Of("query accountId twice, own last", $"{path}?accountId={other}&accountId={own}");
        yield return Of("query with the value percent-encoded", $"{path}?accountId={escaped}");
        yield return Of("query with the name percent-encoded (%61ccountId)", $"{path}?%61ccountId={other}");
        yield return MustRefuse(Threats.A8, $"header accountId: {other}", Lab.OwnRequest($"accountId: {other}\r\n"));
        yield return MustRefuse(Threats.A8, "header accountId twice, own and other", Lab.OwnRequest($"accountId: {own}\r\naccountId: {other}\r\n"));
    }

    private Check Of(string sent, string target) => MustRefuse(Threats.A8, sent, Lab.OwnRequest(target: target));
}
