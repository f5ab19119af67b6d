using Microsoft.AspNetCore.Http;

namespace Gatehouse.TestIntelligence.Protocol;

/// <summary>
/// The places that a body takes among its account's. A question is in memory until it is answered: its places are given back with the turn in which it is, or when the
/// request ends. Without that, any number of questions that are large once they are read could wait for their turn.
/// </summary>
internal sealed class BodyPlaces(IDisposable received) : IDisposable
{
    private readonly List<IDisposable> _places = [received];
    private bool _isHeld;

    public void Add(IDisposable place) => _places.Add(place);

    /// <summary>From here on the request holds them.</summary>
    public void HoldFor(HttpContext http)
    {
        _isHeld = true;
        var held = new Held(_places);
        http.Features.Set(held);
        http.Response.RegisterForDispose(held);
    }

    /// <summary>The question of this request is answered, or nobody waits for the answer.</summary>
    public static void GiveBack(HttpContext http) => http.Features.Get<Held>()?.Dispose();

    public void Dispose()
    {
        if (!_isHeld)
            _places.ForEach(place => place.Dispose());
    }

    /// <summary>Places can be given back twice.</summary>
    private sealed class Held(List<IDisposable> places) : IDisposable
    {
        public void Dispose() => places.ForEach(place => place.Dispose());
    }
}
