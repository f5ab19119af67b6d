using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>What a server says to a ClientHello: goes on, or not.</summary>
/// <param name="Ending"><see cref="Ending.Http"/> never; for a ServerHello see <see cref="GoesOn"/>.</param>
/// <param name="Detail">The alert's name.</param>
internal sealed record HelloReply(Ending Ending, string Detail = "")
{
    /// <summary>It sent a ServerHello (or asked for another key share).</summary>
    public bool GoesOn { get; init; }

    /// <summary>The suite it chose.</summary>
    public ushort Suite { get; init; }

    /// <summary>The compression it chose.</summary>
    public byte Compression { get; init; }

    /// <summary>True when it turned the client away.</summary>
    public bool IsRefusal => !GoesOn && Ending is (Ending.Alert or Ending.Closed);

    /// <summary>See <see cref="Answer.MayBeTurnedAway"/>.</summary>
    public bool MayBeTurnedAway => new Answer(Ending, Detail).MayBeTurnedAway;

    /// <summary>For people.</summary>
    public string Told => GoesOn ? $"a ServerHello (suite 0x{Suite:X4})" : new Answer(Ending, Detail).Told;

    /// <summary>Sends the hello and reads the first message of the answer.</summary>
    public static async Task<HelloReply> OfAsync(Site site, byte[] hello, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = await site.ConnectAsync(cancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(hello, cancellationToken);
            return await ReadAsync(stream, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            var answer = Faults.Read(e);
            return new HelloReply(answer.Ending, answer.Detail);
        }
    }

    private static async Task<HelloReply> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var record = new byte[5];
        await stream.ReadExactlyAsync(record, cancellationToken);
        var payload = new byte[BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(3))];
        await stream.ReadExactlyAsync(payload, cancellationToken);
        return record[0] switch
        {
            21 when payload.Length >= 2 => new HelloReply(Ending.Alert, AlertName(payload[1])),
            22 => ServerHello(payload),
            _ => new HelloReply(Ending.OwnFault, "what came back is no TLS"),
        };
    }

    // type(1) length(3) version(2) random(32) session id(1+n) suite(2) compression(1)
    private static HelloReply ServerHello(byte[] payload)
    {
        var at = 39 + (payload.Length > 38 ? payload[38] : 0);
        return payload.Length < at + 3 || payload[0] != 2
            ? new HelloReply(Ending.OwnFault, "what came back is no ServerHello")
            : new HelloReply(Ending.Closed) { GoesOn = true, Suite = BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(at)), Compression = payload[at + 2] };
    }

    // RFC 8446 §6 and RFC 5246 §7.2, as OpenSSL words them.
    private static string AlertName(byte code) => code switch
    {
        0 => "close notify",
        10 => "unexpected message",
        20 => "bad record mac",
        22 => "record overflow",
        40 => "handshake failure",
        42 => "bad certificate",
        47 => "illegal parameter",
        50 => "decode error",
        70 => "protocol version",
        71 => "insufficient security",
        80 => "internal error",
        109 => "missing extension",
        110 => "unsupported extension",
        112 => "unrecognized name",
        116 => "certificate required",
        120 => "no application protocol",
        _ => $"{code}",
    };
}
