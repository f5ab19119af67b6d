using Recording;

namespace Shop;

public sealed class Cart
{
    private readonly List<decimal> _prices = [];

    public void Add(decimal price)
    {
        Reached.Here();
        _prices.Add(price);
    }

    public decimal Total(Discount? discount = null)
    {
        Reached.Here();
        return discount is null ? _prices.Sum() : discount.Of(_prices.Sum());
    }
}
