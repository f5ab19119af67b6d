using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>One line per event: UTC time, level, text; or the same as JSON. Control characters are replaced, so that nothing a peer sends can forge a line.</summary>
internal sealed class ConsoleLog(TextWriter output, bool json, TimeProvider time) : ILogger
{
    private readonly Lock _writing = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var text = Clean(formatter(state, exception));
        if (exception is not null)
            text += $" ({exception.GetType().Name}: {Clean(exception.Message)})";
        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = json ? Json(at, logLevel, eventId, text) : $"{at} {Name(logLevel),-5} {text}";
        lock (_writing)
            output.WriteLine(line);
    }

    private static string Json(string at, LogLevel level, EventId id, string text)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("time", at);
            writer.WriteString("level", Name(level));
            writer.WriteNumber("event", id.Id);
            writer.WriteString("name", id.Name);
            writer.WriteString("message", text);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        _ => "ERROR",
    };

    private static string Clean(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
}
