using System.Globalization;
using System.Text;

namespace Gatehouse.LogService.Streams;

/// <summary>A line of ours in place of those that a reader was too slow for; no writer's line has this text and <c>args.missed</c>.</summary>
internal static class MissedLine
{
    public static byte[] Of(long lines, DateTimeOffset now) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"{{\"level\":\"warn\",\"pos\":0,\"out\":\"gatehouse: {lines} lines are missing here: this reader was too slow for them\\n\",\"time\":\"{now:yyyy-MM-ddTHH:mm:ss.fffZ}\",\"args\":{{\"missed\":\"{lines}\"}}}}"));
}
