using System.Text.Json;
using Gatehouse.Cli.Output;
using Gatehouse.Contracts;

namespace Gatehouse.Cli.SelfTest.Wire;

/// <summary>How an attempt ended.</summary>
internal enum Ending
{
    /// <summary>With an HTTP answer.</summary>
    Http,

    /// <summary>With a fatal TLS alert from the other side.</summary>
    Alert,

    /// <summary>Closed or reset by the other side, without a word.</summary>
    Closed,

    /// <summary>Not within the time limit.</summary>
    TimedOut,

    /// <summary>Nobody listens, or the name has no address.</summary>
    Unreachable,

    /// <summary>Before its handshake, as everybody from here at this time: too many attempts came before it. It says nothing about this one.</summary>
    TurnedAway,

    /// <summary>This machine's own TLS would not do it: it says nothing about the other side.</summary>
    OwnFault,
}

/// <summary>What came back from one attempt.</summary>
/// <param name="Ending">How it ended.</param>
/// <param name="Detail">The alert's name or the error's text; empty for HTTP.</param>
internal sealed record Answer(Ending Ending, string Detail = "")
{
    /// <summary>HTTP status; 0 when there was none.</summary>
    public int Status { get; init; }

    /// <summary>Header names and values, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>As much of the body as was read.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>For example <c>TLS 1.3</c>; null when the handshake did not end.</summary>
    public string? Protocol { get; init; }

    /// <summary>The client showed a certificate.</summary>
    public bool CertificateSent { get; init; }

    /// <summary>From the first byte to the end of the answer.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>The reason it names: <c>Gatehouse-Refusal</c>, else the body's own code, else the delegate protocol's wrapper.</summary>
    public string? Code => Header(HeaderNames.GatehouseRefusal) ?? BodyText("code") ?? WrapperCode();

    /// <summary>
    /// The other side turned it away. For HTTP: a refusal of ours, or a status that gateways use for it (495 to 497 are nginx's).
    /// 404 and 5xx are no refusals: something behind the door answered, or tried to.
    /// </summary>
    public bool IsRefusal => Ending switch
    {
        Ending.Alert or Ending.Closed => true,
        Ending.Http => Header(HeaderNames.GatehouseRefusal) is not null || Status is 400 or 401 or 403 or 421 or 429 or 431 or 495 or 496 or 497,
        _ => false,
    };

    /// <summary>Nothing was shown either way.</summary>
    public bool SaysNothing => Ending is Ending.OwnFault or Ending.TurnedAway;

    /// <summary>The alert by which Gatehouse turns away whoever was refused too often; gateways of other makes have it for names they do not know.</summary>
    public bool MayBeTurnedAway => this is { Ending: Ending.Alert, Detail: "internal error", Protocol: null };

    /// <summary>Something behind the door answered.</summary>
    public bool IsServed => Ending == Ending.Http && !IsRefusal;

    /// <summary>The same outcome as <paramref name="other"/>, as far as a client can tell. An alert is often lost to the reset that follows it.</summary>
    public bool SameAs(Answer other) => (IsWithoutHttp && other.IsWithoutHttp) || (Ending == other.Ending && Status == other.Status && Code == other.Code);

    /// <summary>Turned away before HTTP.</summary>
    public bool IsWithoutHttp => Ending is Ending.Alert or Ending.Closed;

    /// <summary>First value of a header; null when it is not there.</summary>
    public string? Header(string name) => Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>A string of the body when that is a JSON object.</summary>
    public string? BodyText(string name) => Json() is { } json && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>For people, for example <c>403 certificate_unknown_ca</c> or <c>TLS alert "unknown ca"</c>.</summary>
    public string Told => Ending switch
    {
        Ending.Http => Code is { } code ? $"{Status} {Safe.Line(code.Length > 64 ? code[..64] : code)}" : $"{Status}",
        Ending.Alert => $"TLS alert \"{Detail}\"",
        Ending.Closed => "closed without a word",
        Ending.TimedOut => "no answer within the time limit",
        Ending.Unreachable => $"not reachable ({Detail})",
        Ending.TurnedAway => "turned away before the handshake, as everybody from here is now: too many were refused before",
        _ => $"this machine's TLS would not do it ({Detail})",
    };

    private JsonElement? Json()
    {
        if (Body.Length == 0 || Body[0] != (byte)'{')
            return null;
        try
        {
            using var document = JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = Limits.MaxJsonDepth });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string? WrapperCode() =>
        Json() is { } json && json.TryGetProperty("responseMessages", out var messages) && messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() > 0
        && messages[0].ValueKind == JsonValueKind.Object && messages[0].TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String
            ? code.GetString()
            : null;
}
