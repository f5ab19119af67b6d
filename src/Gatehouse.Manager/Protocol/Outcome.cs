using System.Diagnostics.CodeAnalysis;

namespace Gatehouse.Manager.Protocol;

/// <summary>A value, or the fault why there is none.</summary>
internal readonly record struct Outcome<T>
    where T : notnull
{
    private Outcome(T? value, Fault? fault) => (Value, Fault) = (value, fault);

    public T? Value { get; }

    public Fault? Fault { get; }

    /// <summary>True with the value, false with the fault.</summary>
    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Fault? fault)
    {
        (value, fault) = (Value, Fault);
        return fault is null;
    }

#pragma warning disable CA2225 // The operators are the point: "return fault;" and "return value;".
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);
#pragma warning restore CA2225
}
