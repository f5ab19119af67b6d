using Microsoft.AspNetCore.Http;

namespace Gatehouse.Gateway.Tests.Forwarding;

public sealed class IdentityHeadersTests
{
    [Fact]
    public void Strip_deletes_every_spelling_and_leaves_the_rest()
    {
        var headers = new HeaderDictionary
        {
            ["Agent-MTLS-Authority"] = new(["a", "b"]),
            ["agent_mtls_authority"] = "a",
            ["X-Forwarded-For"] = "1.2.3.4",
            ["Gatehouse-Anything"] = "x",
            ["Authorization"] = "Delegate x",
            ["accountId"] = "acc1",
        };
        IdentityHeaders.Strip(headers);
        Assert.Equal(["accountId", "Authorization"], headers.Keys.Order(StringComparer.OrdinalIgnoreCase));
    }
}
