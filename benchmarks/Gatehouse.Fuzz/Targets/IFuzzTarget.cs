namespace Gatehouse.Fuzz.Targets;

/// <summary>Something that reads what a peer sends, and what must hold of it for every input.</summary>
internal interface IFuzzTarget
{
    /// <summary>For the command line and the corpus file.</summary>
    string Name { get; }

    /// <summary>Inputs to begin with.</summary>
    IEnumerable<byte[]> Seeds { get; }

    /// <summary>Pieces that inputs are made of.</summary>
    IReadOnlyList<byte[]> Words { get; }

    /// <summary>Longest input, in bytes.</summary>
    int MaxLength => 4096;

    /// <summary>True when inputs are DER: then whole elements are cut, doubled and swapped, and lengths kept right.</summary>
    bool IsDer => false;

    /// <summary>Takes the input and throws when a promise does not hold. Runs on one thread and leaves nothing behind.</summary>
    void Run(ReadOnlySpan<byte> input);
}
