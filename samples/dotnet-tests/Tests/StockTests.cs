using Recording;
using Shop;
using Xunit;

namespace Tests;

[Recorded]
public sealed class StockTests
{
    [Fact]
    public void Gives_what_is_there()
    {
        var stock = new Stock(3);
        Assert.True(stock.Take(2));
        Assert.Equal(1, stock.Pieces);
    }

    [Fact]
    public void Keeps_what_is_not_enough() => Assert.False(new Stock(1).Take(2));
}
