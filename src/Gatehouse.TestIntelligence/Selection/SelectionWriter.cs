using System.Text.Json;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.TestIntelligence.Selection;

/// <summary>Writes an answer of thousands of tests; byte for byte what the serializer makes of <see cref="SelectTestsResponse"/>.</summary>
internal static class SelectionWriter
{
    /// <summary>Large: with each flush the reader is waited for.</summary>
    private const int FlushBytes = 1024 * 1024;
    private static readonly JsonEncodedText s_pkg = JsonEncodedText.Encode("pkg"), s_class = JsonEncodedText.Encode("class"), s_method = JsonEncodedText.Encode("method"),
        s_selection = JsonEncodedText.Encode("selection"), s_autodetect = JsonEncodedText.Encode("autodetect"), s_rule = JsonEncodedText.Encode("rule");

    public static async Task WriteAsync(Utf8JsonWriter json, SelectTestsResponse answer, CancellationToken cancellationToken)
    {
        json.WriteStartObject();
        json.WriteNumber("total_tests", answer.TotalTests);
        json.WriteNumber("selected_tests", answer.SelectedTests);
        json.WriteNumber("new_tests", answer.NewTests);
        json.WriteNumber("updated_tests", answer.UpdatedTests);
        json.WriteNumber("src_code_tests", answer.SrcCodeTests);
        json.WriteNumber("previous_failures", answer.PreviousFailures);
        json.WriteBoolean("select_all", answer.SelectAll);
        if (answer.Reason is not null)
            json.WriteString("reason", answer.Reason);
        json.WriteStartArray("tests");
        for (var i = 0; i < answer.Tests.Count; i++)
        {
            Write(json, answer.Tests[i]);
            if (json.BytesPending > FlushBytes)
                await json.FlushAsync(cancellationToken);
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private static void Write(Utf8JsonWriter json, RunnableTest test)
    {
        json.WriteStartObject();
        json.WriteString(s_pkg, test.Pkg);
        json.WriteString(s_class, test.Class);
        json.WriteString(s_method, test.Method);
        json.WriteString(s_selection, test.Selection);
        json.WriteStartObject(s_autodetect);
        json.WriteString(s_rule, test.Autodetect.Rule);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
