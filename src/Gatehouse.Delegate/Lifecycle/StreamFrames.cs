using System.Text.Json;
using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Protocol;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>Understands the manager's frames (protocol sheet §5.8); what it does not know is left alone, as the protocol wants.</summary>
internal sealed partial class StreamFrames(ManagerLink link, TaskBoard board, ILogger log)
{
    private const string SelfDestruct = "[SELF_DESTRUCT]";

    /// <summary>What the manager last complained of on the stream; null when it has not.</summary>
    internal string? LastError { get; set; }

    internal void Handle(string delegateId, string connectionId, string frame)
    {
        if (frame.StartsWith('{'))
            HandleObject(delegateId, frame);
        else if (frame.StartsWith(SelfDestruct, StringComparison.Ordinal) && IsForUs(frame[SelfDestruct.Length..], delegateId, connectionId))
            link.End("The manager told this delegate to stop for good ([SELF_DESTRUCT]): it was deleted, or its token was revoked.");
        else if (frame.StartsWith("[MIGRATE]", StringComparison.Ordinal))
            Log.Migrate(log);
    }

    private static bool IsForUs(string whom, string delegateId, string connectionId) =>
        whom.Length == 0 || whom == delegateId || whom == $"{delegateId}-{connectionId}";

    private void HandleObject(string delegateId, string frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame, new JsonDocumentOptions { MaxDepth = Limits.MaxJsonDepth });
            var root = document.RootElement;
            switch (Text(root, "eventType"))
            {
                case DelegateTaskEvent.Task or DelegateTaskEvent.Abort when root.Deserialize(ContractsJson.Default.DelegateTaskEvent) is { } offer:
                    board.Offer(delegateId, offer);
                    break;
                case DelegateHeartbeatFrame.Type when Text(root, "status") == "DELETED":
                    link.Probe.Set();
                    break;
                case null when Text(root, "code") is { } code:
                    // Said before the stream is closed (sheet §3.4). The next heartbeat over HTTP is told the same in full.
                    LastError = RefusalReader.Read(code, Text(root, "message"), Text(root, "nextStep")).Message;
                    link.Probe.Set();
                    break;
            }
        }
        catch (JsonException)
        {
            Log.Unreadable(log, frame.Length);
        }
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static partial class Log
    {
        [LoggerMessage(8030, LogLevel.Warning, "The manager asks to migrate to another address; that is not done by itself. Set MANAGER_HOST_AND_PORT when it is meant.")]
        public static partial void Migrate(ILogger log);

        [LoggerMessage(8031, LogLevel.Warning, "A frame of {Length} characters on the stream could not be read and was left alone.")]
        public static partial void Unreadable(ILogger log, int length);
    }
}
