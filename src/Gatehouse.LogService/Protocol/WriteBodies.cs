using System.Buffers;
using System.Collections.Concurrent;
using Gatehouse.LogService.Streams.Memory;
using Microsoft.AspNetCore.Http;

namespace Gatehouse.LogService.Protocol;

/// <summary>
/// Receives lines: bodies that lie in memory as a whole. It grows with what has come and not with what is announced, and what an account is still sending is bounded: one that
/// begins many large writes and ends none is told to come again, and makes nobody else wait.
/// </summary>
internal sealed class WriteBodies(LogServiceOptions options)
{
    private readonly MemoryBudget _all = new(options.MaxUnfinishedBytes);
    private readonly ConcurrentDictionary<string, MemoryBudget> _accounts = new(StringComparer.Ordinal);

    /// <summary>Bytes of the account's bodies that have come, of those that have not ended.</summary>
    public long Unfinished(string account) => _accounts.TryGetValue(account, out var budget) ? budget.Used : 0;

    /// <summary>The whole body, whatever content type it comes with or without (sheet §8).</summary>
    /// <exception cref="BadHttpRequestException">It is larger than <see cref="LogLimits.MaxWriteBytes"/>, or too much is coming in from its account.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        RequestBytes.Allow(context, LogLimits.MaxWriteBytes);
        var account = _accounts.GetOrAdd(LogCaller.Of(context).Account, _ => new MemoryBudget(options.MaxUnfinishedBytesPerAccount, _all));
        var body = context.Request.BodyReader;
        var taken = 0L;
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(context.RequestAborted);
                account.Add(read.Buffer.Length - taken);
                taken = read.Buffer.Length;
                if (read.IsCompleted || taken > LogLimits.MaxWriteBytes || account.IsExceeded)
                {
                    var bytes = read.IsCompleted && taken <= LogLimits.MaxWriteBytes ? read.Buffer.ToArray() : null;
                    body.AdvanceTo(read.Buffer.End);
                    return bytes ?? throw (taken > LogLimits.MaxWriteBytes
                        ? new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge)
                        : new BadHttpRequestException("The account is sending too many lines at once; send again later.", StatusCodes.Status503ServiceUnavailable));
                }
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        finally
        {
            account.Add(-taken);
        }
    }
}
