using System.Globalization;
using System.Text;

namespace Gatehouse.Fuzz.Targets;

/// <summary>
/// What a refused HTTP/1.1 client sends. There is one answer or none, in full, and it comes exactly when a request's head is over, or
/// longer than is read; the responder ends on every input.
/// </summary>
internal sealed class Http1RefusalTarget : IFuzzTarget
{
    private const int MaxHeadBytes = 32 * 1024;

    public string Name => "refusal-http1";

    public int MaxLength => 48 * 1024;

    public IEnumerable<byte[]> Seeds =>
    [
        Text("\u0001GET / HTTP/1.1\r\nHost: customer1.agent.test\r\n\r\n"),
        Text("\u0003POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
        Text("\0GET / HTTP/1.1\r\nHost: a\r\n"),
        Text("\u00ff" + new string('a', 33_000)),
        [],
    ];

    public IReadOnlyList<byte[]> Words { get; } = [Text("\r\n"), Text("\r\n\r\n"), Text("\n\n"), Text("GET / HTTP/1.1"), Text("Host: "), Text("Expect: 100-continue\r\n"), new byte[2000], new byte[16_000]];

    public void Run(ReadOnlySpan<byte> input)
    {
        var (written, pieces) = RefusalPeer.Meet(input, http2: false);
        var request = input.Length == 0 ? "" : Encoding.Latin1.GetString(input[1..]);
        // Plainly: the head is over at the first empty line, or it is given up once a read shows more than the limit.
        var isOver = request.Contains("\r\n\r\n", StringComparison.Ordinal);
        FuzzFindingException.UnlessEqual(isOver || request.Length > MaxHeadBytes, written.Length > 0, $"Answered ({pieces} pieces)");
        if (written.Length > 0)
            CheckAnswer(Encoding.ASCII.GetString(written));
    }

    private static void CheckAnswer(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        FuzzFindingException.Unless(answer.StartsWith("HTTP/1.1 403 Forbidden\r\n", StringComparison.Ordinal) && end > 0, "The answer is no 403");
        var lines = answer[..end].Split("\r\n");
        var length = int.Parse(lines.Single(l => l.StartsWith("Content-Length: ", StringComparison.Ordinal))[16..], CultureInfo.InvariantCulture);
        FuzzFindingException.UnlessEqual(end + 4 + length, answer.Length, "Length of all that was written");
    }

    private static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);
}
