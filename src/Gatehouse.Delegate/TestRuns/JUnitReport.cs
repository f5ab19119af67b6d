using System.Globalization;
using System.Text;
using System.Xml;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate;

/// <summary>
/// Reads a JUnit XML report, token by token, as tests and their tools write it: no DTD, nothing from outside, bounded in size, depth and number. What was read before a report breaks
/// off counts.
/// </summary>
/// <param name="cases">Cases are added here, without secrets.</param>
/// <param name="budget">What they may hold.</param>
/// <param name="secrets">Are masked wherever they stand in a text or a name.</param>
internal sealed class JUnitReport(List<TestCase> cases, JUnitReport.Budget budget, SecretPatterns secrets)
{
    internal const long MaxFileBytes = 64 * 1024 * 1024;
    internal const int MaxCases = 500_000;
    private const int MaxDepth = 64;
    private const int MaxName = 1024;
    private const int MaxMessage = 8 * 1024;
    private const int MaxText = 64 * 1024;

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxFileBytes,
        MaxCharactersFromEntities = 1024,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        // Terminal colours in a message are against the rules of XML, and common.
        CheckCharacters = false,
    };

    /// <summary>What all reports of a task may hold together.</summary>
    internal sealed class Budget
    {
        /// <summary>Characters of messages and output; names are not counted.</summary>
        internal int Characters { get; set; } = 64 * 1024 * 1024;
    }

    /// <summary>Adds a report's cases.</summary>
    /// <exception cref="XmlException">It is not XML all through, or holds a DTD.</exception>
    /// <exception cref="InvalidDataException">It is not a JUnit report, or too much for one.</exception>
    internal void Read(Stream xml)
    {
        using var reader = XmlReader.Create(xml, s_settings);
        if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName is not ("testsuites" or "testsuite"))
            throw new InvalidDataException($"its root is {(reader.NodeType == XmlNodeType.Element ? $"<{Cut(reader.LocalName, 40)}>" : "missing")}, not <testsuites> or <testsuite>");
        var suites = new Stack<(int Depth, string Name)>();
        do
        {
            if (reader.Depth > MaxDepth)
                throw new InvalidDataException($"it is nested more than {MaxDepth} deep");
            if (reader.NodeType != XmlNodeType.Element)
                continue;
            while (suites.TryPeek(out var outer) && outer.Depth >= reader.Depth)
                suites.Pop();
            if (reader.LocalName == "testsuite")
                suites.Push((reader.Depth, Clean(reader.GetAttribute("name"), MaxName)));
            else if (reader.LocalName == "testcase")
                Add(ReadCase(reader, suites.TryPeek(out var suite) ? suite.Name : ""));
        }
        while (reader.Read());
    }

    private void Add(TestCase read)
    {
        if (cases.Count >= MaxCases)
            throw new InvalidDataException($"there are more than {MaxCases} cases in all");
        cases.Add(read);
    }

    private TestCase ReadCase(XmlReader reader, string suite)
    {
        var (name, className, file) = (Clean(reader.GetAttribute("name"), MaxName), Clean(reader.GetAttribute("classname"), MaxName), Clean(reader.GetAttribute("file"), MaxName));
        var duration = Milliseconds(reader.GetAttribute("time"));
        var result = new TestResult { Status = TestStatus.Passed };
        var (stdout, stderr, flaky) = ("", "", false);
        if (!reader.IsEmptyElement)
        {
            var depth = reader.Depth;
            while (reader.Read() && reader.Depth > depth)
            {
                if (reader.NodeType != XmlNodeType.Element || reader.Depth != depth + 1)
                    continue;
                switch (reader.LocalName)
                {
                    case "failure" or "error" when result.Status is TestStatus.Passed or TestStatus.Skipped:
                        result = Outcome(reader, reader.LocalName == "failure" ? TestStatus.Failed : TestStatus.Error);
                        break;
                    case "skipped" or "ignored" when result.Status == TestStatus.Passed:
                        result = Outcome(reader, TestStatus.Skipped);
                        break;
                    case "flakyFailure" or "flakyError":
                        flaky = true; // It passed when it was run again.
                        break;
                    case "system-out":
                        stdout = Text(reader, MaxText);
                        break;
                    case "system-err":
                        stderr = Text(reader, MaxText);
                        break;
                    default:
                        break;
                }
            }
        }

        return new TestCase { Name = name, ClassName = className, FileName = file, SuiteName = suite, DurationMs = duration, Result = result, Stdout = stdout, Stderr = stderr, Flaky = flaky };
    }

    private TestResult Outcome(XmlReader reader, string status)
    {
        var (message, type) = (Taken(reader.GetAttribute("message"), MaxMessage), Clean(reader.GetAttribute("type"), MaxName));
        return new TestResult { Status = status, Message = message, Type = type, Desc = Text(reader, MaxText) };
    }

    /// <summary>The text below the element, up to a length; the reader ends on the element's end.</summary>
    private string Text(XmlReader reader, int most)
    {
        if (reader.IsEmptyElement)
            return "";
        var (text, depth) = (new StringBuilder(), reader.Depth);
        var buffer = new char[4096];
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.Depth > MaxDepth)
                throw new InvalidDataException($"it is nested more than {MaxDepth} deep");
            if (reader.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace))
                continue;
            int read;
            while (text.Length <= most && (read = reader.ReadValueChunk(buffer, 0, buffer.Length)) > 0)
                text.Append(buffer, 0, read);
        }

        return Taken(text.ToString(), most);
    }

    private string Taken(string? text, int most)
    {
        var kept = Clean(text, Math.Min(most, budget.Characters));
        budget.Characters = Math.Max(0, budget.Characters - kept.Length);
        return kept;
    }

    /// <summary>Cut, and without secrets: also without the beginning of one that was cut.</summary>
    private string Clean(string? text, int most)
    {
        var kept = Cut(text, most);
        return SecretMask.Apply(secrets, kept, isCut: kept.Length < (text?.Length ?? 0));
    }

    /// <summary>Seconds with a fraction; some tools group thousands with commas.</summary>
    private static long Milliseconds(string? seconds) =>
        double.TryParse(seconds?.Replace(",", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var time) && time is > 0 and < 1e9 ? (long)Math.Round(time * 1000) : 0;

    /// <summary>At most so many characters; never half of a pair.</summary>
    private static string Cut(string? text, int most)
    {
        if (text is null || text.Length <= most)
            return text ?? "";
        return text[..(most > 0 && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }
}
