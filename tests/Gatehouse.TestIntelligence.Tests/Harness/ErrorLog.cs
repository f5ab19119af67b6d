using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gatehouse.TestIntelligence.Tests.Harness;

/// <summary>Collects what is logged as an error, so that an unexpected one fails the test, and all text, to look for secrets in it.</summary>
internal sealed class ErrorLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Errors { get; } = [];

    public ConcurrentQueue<string> All { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = $"{formatter(state, exception)} {exception}";
        All.Enqueue(text);
        if (logLevel >= LogLevel.Error)
            Errors.Enqueue(text);
    }

    public void Dispose()
    {
    }
}
