namespace Gatehouse.TestIntelligence.SkipLists;

/// <summary>
/// The checksums that the files of a graph had in one question, and what its chains came to. The next question is mostly about the same files but for a few: only
/// chains with a changed file are worked out again, and the others' files need not even be looked up.
/// </summary>
internal sealed class ChainMemory
{
    private readonly ulong[] _files, _chains;
    private readonly State[] _fileStates, _chainStates;
    private readonly bool[]? _isChanged;
    private readonly ChainMemory? _before;

    /// <param name="paths">Files of the graph.</param>
    /// <param name="files">All files of now, with their checksums.</param>
    /// <param name="sets">How many sets of files the graph's tests have.</param>
    /// <param name="before">What an earlier question to the same graph has left; null: nothing.</param>
    public ChainMemory(IReadOnlyList<string> paths, IReadOnlyDictionary<string, ulong> files, int sets, ChainMemory? before)
    {
        (_files, _fileStates) = (new ulong[paths.Count], new State[paths.Count]);
        for (var path = 0; path < _files.Length; path++)
            _fileStates[path] = files.TryGetValue(paths[path], out _files[path]) ? State.There : State.Missing;
        (_chains, _chainStates) = (new ulong[sets], new State[sets]);
        if (before is null)
            return;
        _before = before;
        _isChanged = new bool[_files.Length];
        for (var path = 0; path < _files.Length; path++)
            _isChanged[path] = _files[path] != before._files[path] || _fileStates[path] != before._fileStates[path];
    }

    private ChainMemory(ChainMemory asked) => (_files, _fileStates, _chains, _chainStates) = (asked._files, asked._fileStates, asked._chains, asked._chainStates);

    private enum State : byte
    {
        Unknown,
        There,
        Missing,
    }

    /// <summary>Bytes it takes for each file and each set.</summary>
    public static int BytesOfOne => sizeof(ulong) + sizeof(State);

    /// <summary>Checksum of the chain of these files; null when one of them is not there. Several threads may ask, each for other sets.</summary>
    /// <param name="number">The set's number among those of the graph.</param>
    /// <param name="set">Its files.</param>
    /// <param name="parts">What each file adds; filled as it is needed.</param>
    /// <param name="paths">Files of the graph.</param>
    /// <param name="hash">The thread's own.</param>
    public ulong? ChecksumOf(int number, int[] set, byte[]?[] parts, IReadOnlyList<string> paths, ChainChecksum hash)
    {
        if (_before is { } before && before._chainStates[number] is not State.Unknown and var known && !HasChanged(set))
            (_chains[number], _chainStates[number]) = (before._chains[number], known);
        else if (Array.Exists(set, path => _fileStates[path] == State.Missing))
            _chainStates[number] = State.Missing;
        else
        {
            foreach (var path in set)
                hash.Add(parts[path] ??= ChainChecksum.Part(paths[path], _files[path]));
            (_chains[number], _chainStates[number]) = (hash.Take(), State.There);
        }
        return _chainStates[number] == State.There ? _chains[number] : null;
    }

    /// <summary>What the next question may use: it does not hold the one before.</summary>
    public ChainMemory Kept() => new(this);

    private bool HasChanged(int[] set)
    {
        foreach (var path in set)
        {
            if (_isChanged![path])
                return true;
        }
        return false;
    }
}
