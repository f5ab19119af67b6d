namespace Gatehouse.Fuzz;

/// <summary>An input for which a promise does not hold. Any other exception that leaves a target is a finding, too.</summary>
internal sealed class FuzzFindingException(string message) : Exception(message)
{
    /// <summary>Finds fault unless <paramref name="holds"/>.</summary>
    public static void Unless(bool holds, string message)
    {
        if (!holds)
            throw new FuzzFindingException(message);
    }

    /// <summary>Finds fault unless both are the same.</summary>
    public static void UnlessEqual<T>(T expected, T found, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new FuzzFindingException($"{what}: {Show(found)}, where {Show(expected)} is right.");
    }

    private static string Show<T>(T value) => value is null ? "null" : $"'{value}'";
}
