using Recording;

namespace Shop;

public sealed class Stock(int pieces)
{
    public int Pieces { get; private set; } = pieces;

    public bool Take(int wanted)
    {
        Reached.Here();
        if (wanted > Pieces)
            return false;
        Pieces -= wanted;
        return true;
    }
}
