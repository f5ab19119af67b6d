using Recording;
using Shop;
using Xunit;

namespace Tests;

[Recorded]
public sealed class CartTests
{
    [Fact]
    public void Adds_up()
    {
        var cart = new Cart();
        cart.Add(2);
        cart.Add(3);
        Assert.Equal(5, cart.Total());
    }

    [Theory, InlineData(10, 90), InlineData(50, 50)]
    public void Takes_the_discount_off(int percent, int expected)
    {
        var cart = new Cart();
        cart.Add(100);
        Assert.Equal(expected, cart.Total(new Discount(percent)));
    }
}
