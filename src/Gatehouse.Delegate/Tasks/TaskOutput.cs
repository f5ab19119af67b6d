using System.Buffers;

namespace Gatehouse.Delegate;

/// <summary>Where a task's output goes in: from here on it is without the task's secrets, on the disk and on every way.</summary>
internal sealed class TaskOutput(OutputSpool spool, SecretPatterns secrets)
{
    private readonly Lock _lock = new();
    private readonly SecretMask _mask = new(secrets);
    private readonly ArrayBufferWriter<byte> _masked = new();
    private long _total;

    /// <summary>Bytes that were written, before anything was masked or left out.</summary>
    internal long Total => Interlocked.Read(ref _total);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            Interlocked.Add(ref _total, bytes.Length);
            _mask.Write(bytes, _masked);
            Spool();
        }
    }

    /// <summary>Nothing more will be written.</summary>
    internal void Complete()
    {
        lock (_lock)
        {
            _mask.Flush(_masked);
            Spool();
            spool.Complete();
        }
    }

    private void Spool()
    {
        if (_masked.WrittenCount == 0)
            return;
        try
        {
            spool.Append(_masked.WrittenSpan);
        }
        finally
        {
            _masked.ResetWrittenCount();
        }
    }
}
