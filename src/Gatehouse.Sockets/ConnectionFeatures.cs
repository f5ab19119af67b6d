using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;

namespace Gatehouse.Sockets;

/// <summary>A connection's features: a dozen at most, so looking through them is quicker, and smaller, than a table.</summary>
internal sealed class ConnectionFeatures : IFeatureCollection
{
    private Type?[] _types = new Type?[16];
    private object?[] _features = new object?[16];
    private int _count;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            var index = Array.IndexOf(_types, key, 0, _count);
            return index < 0 ? null : _features[index];
        }
        set
        {
            Revision++;
            var index = Array.IndexOf(_types, key, 0, _count);
            if (index < 0)
            {
                if (value is null)
                    return;
                index = _count++;
                if (index == _types.Length)
                {
                    Array.Resize(ref _types, index * 2);
                    Array.Resize(ref _features, index * 2);
                }
                _types[index] = key;
            }
            _features[index] = value;
        }
    }

    [return: MaybeNull]
    public TFeature Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        for (var i = 0; i < _count; i++)
        {
            if (_features[i] is { } feature)
                yield return new(_types[i]!, feature);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
