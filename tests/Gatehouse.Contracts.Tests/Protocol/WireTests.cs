using System.Text.Json;
using Gatehouse.Contracts.Protocol;

namespace Gatehouse.Contracts.Tests.Protocol;

public sealed class WireTests
{
    [Theory]
    [InlineData("""{"sequenceNum":1}""", "1")]
    [InlineData("""{"sequenceNum":"1"}""", "1")]
    [InlineData("""{"sequenceNum":12345678901234567890}""", "12345678901234567890")]
    [InlineData("""{"sequenceNum":null}""", null)]
    [InlineData("""{}""", null)]
    public void SequenceNum_is_text_or_number(string json, string? text) =>
        Assert.Equal(text, JsonSerializer.Deserialize(json, ContractsJson.Default.DelegateParams)!.SequenceNum);

    [Theory]
    [InlineData("""{"sequenceNum":true}""")]
    [InlineData("""{"sequenceNum":[1]}""")]
    public void SequenceNum_is_nothing_else(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ContractsJson.Default.DelegateParams));

    [Fact]
    public void Frames_are_compact_and_begin_with_eventType()
    {
        var task = new DelegateTaskEvent { EventType = DelegateTaskEvent.Task, AccountId = "a", DelegateTaskId = "t", TaskType = "X" };
        Assert.Equal("""{"eventType":"DelegateTaskEvent","accountId":"a","delegateTaskId":"t","sync":false,"taskType":"X"}""", JsonSerializer.Serialize(task, ContractsJson.Default.DelegateTaskEvent));
        var beat = new DelegateHeartbeatFrame { DelegateId = "d", Status = "ENABLED" };
        Assert.StartsWith("""{"eventType":"DelegateHeartbeatResponseStreaming",""", JsonSerializer.Serialize(beat, ContractsJson.Default.DelegateHeartbeatFrame), StringComparison.Ordinal);
    }

    [Fact]
    public void The_wrapper_writes_nulls()
    {
        var error = new RestResponse<string> { ResponseMessages = [new ResponseMessage { Code = "X", Message = "Y." }] };
        Assert.Equal(
            """{"metaData":null,"resource":null,"responseMessages":[{"code":"X","level":"ERROR","message":"Y.","exception":null,"failureTypes":[]}]}""",
            JsonSerializer.Serialize(error, ContractsJson.Default.RestResponseString));
    }

    [Fact]
    public void A_raw_secret_in_a_body_is_not_even_read() =>
        Assert.DoesNotContain("raw", JsonSerializer.Serialize(
            JsonSerializer.Deserialize("""{"delegateRandomToken":"raw"}""", ContractsJson.Default.DelegateParams)!, ContractsJson.Default.DelegateParams), StringComparison.Ordinal);

    [Theory]
    [InlineData(ProtocolErrorCode.InvalidAgentMtlsAuthority, 401)]
    [InlineData(ProtocolErrorCode.UsageLimitsExceeded, 403)]
    [InlineData(ProtocolErrorCode.EntityNotFound, 404)]
    [InlineData(ProtocolErrorCode.FeatureUnavailable, 417)]
    [InlineData(ProtocolErrorCode.InvalidRequest, 400)]
    [InlineData("something else", 500)]
    public void Codes_have_their_status(string code, int status) => Assert.Equal(status, ProtocolErrorCode.HttpStatus(code));

    [Fact]
    public void Nesting_is_bounded()
    {
        var deep = "{\"a\":" + new string('[', Limits.MaxJsonDepth) + new string(']', Limits.MaxJsonDepth) + "}";
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(deep, ContractsJson.Default.DelegateParams));
    }
}
