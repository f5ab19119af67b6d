using Recording;

namespace Shop;

public sealed class Discount(decimal percent)
{
    public decimal Of(decimal total)
    {
        Reached.Here();
        return total - (total * percent / 100);
    }
}
