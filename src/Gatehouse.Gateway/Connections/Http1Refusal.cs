using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Gatehouse.Contracts;

namespace Gatehouse.Gateway;

/// <summary>The HTTP/1.1 half of <see cref="RefusalResponder"/>.</summary>
internal static class Http1Refusal
{
    private const int MaxHeadBytes = 32 * 1024;

    /// <summary>Waits for the end of a request's head, then answers. False when none came.</summary>
    public static async Task<bool> AnswerAsync(IDuplexPipe pipe, RefusalCode code, byte[] body, CancellationToken cancellationToken)
    {
        if (!await SkipHeadAsync(pipe.Input, cancellationToken))
            return false;

        var head = $"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n"
            + $"{HeaderNames.GatehouseRefusal}: {code.Name()}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
        pipe.Output.Write(Encoding.ASCII.GetBytes(head));
        pipe.Output.Write(body);
        await pipe.Output.FlushAsync(cancellationToken);
        return true;
    }

    private static async Task<bool> SkipHeadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var reader = new SequenceReader<byte>(result.Buffer);
            if (reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8))
            {
                input.AdvanceTo(reader.Position);
                return true;
            }
            // An endless head is answered too: the reason is worth more than the rest of it.
            if (result.Buffer.Length > MaxHeadBytes)
            {
                input.AdvanceTo(result.Buffer.End);
                return true;
            }
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return false;
        }
    }
}
