namespace Gatehouse.Client;

/// <summary>One line of a log, as it goes to the log service.</summary>
/// <param name="Position">Its number, counted from 0.</param>
/// <param name="Text">With the line break at its end, when it has one.</param>
/// <param name="Time">When it appeared.</param>
public readonly record struct LogLine(long Position, string Text, DateTimeOffset Time);

/// <summary>How a write of counted lines ended.</summary>
/// <param name="IsStreamGone">There is no such stream (any more): open it, and send all lines from the first on.</param>
/// <param name="NextLine">The number of the line to send next; less than what was sent when the service has lost lines that it had taken.</param>
public readonly record struct LogReceipt(bool IsStreamGone, long NextLine);
