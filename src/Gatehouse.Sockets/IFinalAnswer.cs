namespace Gatehouse.Sockets;

/// <summary>
/// A connection that can be told that it is about to end: its last answer, TLS's goodbye and the end itself then make one packet instead of three.
/// </summary>
public interface IFinalAnswer
{
    /// <summary>
    /// While true the kernel may keep an incomplete packet back for what follows at once (<c>MSG_MORE</c>, send(2)). Nothing is lost when nothing
    /// follows: it goes out after 200 ms, or with the end.
    /// </summary>
    bool MoreFollows { get; set; }
}
