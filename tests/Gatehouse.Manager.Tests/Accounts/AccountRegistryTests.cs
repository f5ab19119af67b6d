using System.Text;
using Gatehouse.Manager.Accounts;

namespace Gatehouse.Manager.Tests.Accounts;

public sealed class AccountRegistryTests
{
    [Fact]
    public void The_id_of_a_known_account_is_the_accounts_own_string()
    {
        var registry = new AccountRegistry();
        var account = new AccountEntry("kmpySmUISimoRrJL6NL73w", "Example", DateTimeOffset.UnixEpoch);
        registry.Set(account);
        Assert.Same(account.Id, registry.IdOf("kmpySmUISimoRrJL6NL73w"u8));
    }

    [Theory, InlineData("unknown"), InlineData(""), InlineData("zürich")]
    public void Any_other_id_is_what_its_bytes_say(string id) => Assert.Equal(id, new AccountRegistry().IdOf(Encoding.UTF8.GetBytes(id)));

    [Fact]
    public void However_long_it_is()
    {
        var registry = new AccountRegistry();
        var id = new string('a', 5000);
        registry.Set(new AccountEntry(id, id, DateTimeOffset.UnixEpoch));
        Assert.Equal(id, registry.IdOf(Encoding.UTF8.GetBytes(id)));
    }
}
