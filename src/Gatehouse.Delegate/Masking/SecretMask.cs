using System.Buffers;
using System.Text;

namespace Gatehouse.Delegate;

/// <summary>
/// Masks secrets in a stream of bytes, wherever it is cut. What may still become a secret is held back until it is known; what overlaps is masked as one.
/// It never holds more than the longest secret. One user at a time.
/// </summary>
internal sealed class SecretMask(SecretPatterns patterns)
{
    private static readonly byte[] s_mask = Encoding.ASCII.GetBytes(SecretPatterns.Mask);

    /// <summary>Secrets that were found and not passed yet: sorted, apart from one another. Places count from the beginning of the stream.</summary>
    private readonly List<(long Start, long End)> _found = [];
    private byte[] _held = [];
    private int _heldLength;
    private long _heldStart;

    /// <summary>Up to here a mask stands already.</summary>
    private long _maskedEnd;
    private int _state;

    /// <summary>Takes the next bytes and passes on what is certain.</summary>
    internal void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> into)
    {
        if (_heldLength == 0 && (patterns.IsEmpty || patterns.FirstIn(bytes) < 0))
        {
            // What a mask stands for is behind us: nothing is held, so all of it has passed.
            into.Write(bytes);
            _heldStart += bytes.Length;
            _state = 0;
            return;
        }

        var at = _heldStart + _heldLength;
        Hold(bytes);
        foreach (var next in bytes)
        {
            _state = patterns.Step(_state, next);
            at++;
            if (patterns.Match(_state) is > 0 and var length)
                Found(at - length, at);
        }

        Pass(at - patterns.Depth(_state), into);
    }

    /// <summary>Nothing comes any more: what was held back is no secret.</summary>
    internal void Flush(IBufferWriter<byte> into)
    {
        Pass(_heldStart + _heldLength, into);
        _state = 0;
    }

    /// <summary>Masks a text.</summary>
    /// <param name="patterns">The secrets.</param>
    /// <param name="text">The text.</param>
    /// <param name="isCut">It went on: what at its end may begin a secret is left out, for the rest of that is not here to tell.</param>
    internal static string Apply(SecretPatterns patterns, string text, bool isCut = false)
    {
        if (patterns.IsEmpty)
            return text;
        var into = new ArrayBufferWriter<byte>();
        var mask = new SecretMask(patterns);
        mask.Write(Encoding.UTF8.GetBytes(text), into);
        if (!isCut)
            mask.Flush(into);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_held.Length < _heldLength + bytes.Length)
            Array.Resize(ref _held, _heldLength + bytes.Length);
        bytes.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += bytes.Length;
    }

    private void Found(long start, long end)
    {
        if (start < _maskedEnd)
        {
            // It begins under a mask that stands already, and so does all that was found after its beginning.
            _maskedEnd = end;
            _found.Clear();
            return;
        }

        while (_found.Count > 0 && _found[^1].End > start)
        {
            start = Math.Min(start, _found[^1].Start);
            _found.RemoveAt(_found.Count - 1);
        }

        _found.Add((start, end));
    }

    /// <summary>Passes on all before <paramref name="end"/>: no secret that is still to be found begins there.</summary>
    private void Pass(long end, IBufferWriter<byte> into)
    {
        var (at, next) = (_heldStart, 0);
        while (at < end)
        {
            if (at < _maskedEnd)
            {
                at = Math.Min(end, _maskedEnd);
            }
            else if (next < _found.Count && _found[next].Start == at)
            {
                into.Write(s_mask);
                _maskedEnd = _found[next++].End;
            }
            else
            {
                var until = next < _found.Count ? Math.Min(end, _found[next].Start) : end;
                into.Write(_held.AsSpan((int)(at - _heldStart), (int)(until - at)));
                at = until;
            }
        }

        _found.RemoveRange(0, next);
        var passed = (int)(end - _heldStart);
        _held.AsSpan(passed, _heldLength - passed).CopyTo(_held);
        (_heldStart, _heldLength) = (end, _heldLength - passed);
    }
}
