using System.Net;
using Gatehouse.Client;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class ProblemNoticeTests : IDisposable
{
    private static readonly Exception s_strict = new RequestRefusedException("mtls_required", "No certificate.", "Get one.", HttpStatusCode.Forbidden);
    private static readonly Exception s_away = new ConnectionFailedException(ConnectionFaultKind.NotReachable, "Nothing listens.", "Start it.", null);
    private static readonly Exception s_closed = new ConnectionFailedException(ConnectionFaultKind.ClosedBeforeAnswer, "Closed.", "Look.", null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly StringWriter _output = new();
    private readonly ProblemNotice _notice;

    public ProblemNoticeTests() => _notice = new ProblemNotice(_time, new ConsoleLog(_output, json: false, _time));

    public void Dispose() => _output.Dispose();

    [Fact]
    public void A_reason_is_told_once_when_it_changes_and_every_ten_minutes()
    {
        for (var i = 0; i < 5; i++)
            _notice.Report(s_strict);
        _notice.Report(s_away);
        _notice.Report(s_strict);
        _time.Advance(TimeSpan.FromMinutes(10));
        _notice.Report(s_strict);
        _notice.Clear();
        _notice.Report(s_strict);
        Assert.Equal(["mtls", "Noth", "mtls", "mtls", "mtls"], Lines.Select(line => line.Contains("Nothing", StringComparison.Ordinal) ? "Noth" : "mtls"));
        Assert.Equal("2026-11-24T12:00:00.000Z WARN  Refused (mtls_required): No certificate. Get one. It is tried again by itself.", Lines[0]);
    }

    [Fact]
    public void One_closed_connection_is_a_restart_two_are_worth_a_word()
    {
        _notice.Report(s_closed);
        _notice.Report(s_away);
        Assert.Contains("Nothing listens.", Assert.Single(Lines), StringComparison.Ordinal);
        _notice.Report(s_closed);
        Assert.Single(Lines);
        _notice.Report(s_closed);
        Assert.Contains("Closed. Look.", Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Json_lines_are_json_and_nothing_forges_a_line()
    {
        var log = new ConsoleLog(_output, json: true, _time);
        new ProblemNotice(_time, log).Report(new RequestRefusedException("x", "a\nb \"q\"", "", HttpStatusCode.Forbidden));
        using var line = System.Text.Json.JsonDocument.Parse(Assert.Single(Lines));
        Assert.Equal(8000, line.RootElement.GetProperty("event").GetInt32());
        Assert.Contains("a b \"q\"", line.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private string[] Lines => _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
