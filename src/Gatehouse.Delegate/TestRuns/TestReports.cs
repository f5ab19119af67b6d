using System.Globalization;
using System.Xml;
using Gatehouse.Client;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate;

/// <summary>Reads what the command left behind and uploads it. What goes wrong is said and changes nothing about how the task ends.</summary>
internal sealed class TestReports(TestOrder order, TiClient client)
{
    private const int MaxFiles = 10_000;
    private const long MaxGraphBytes = 128L * 1024 * 1024;
    private const int MostNamed = 10;

    /// <summary>Coarser than any file system's clock.</summary>
    private static readonly TimeSpan s_clock = TimeSpan.FromSeconds(2);

    private readonly List<string> _sentences = [];
    private readonly List<TestCase> _cases = [];
    private int _read;
    private int _broken;
    private int _older;

    internal async Task<ReportAnswer> UploadAsync(CancellationToken cancel)
    {
        ReadAll();
        var reported = _cases.Count > 0 && await SaysAsync("report", () => client.WriteReportAsync(order.Task.ReportName ?? "junit", _cases, cancel));
        var graphed = await UploadGraphAsync(cancel);
        return new ReportAnswer(_read > 0 ? Sum() : null, reported, graphed, _sentences);
    }

    private void ReadAll()
    {
        if (order.Task.Reports is not { Count: > 0 } globs)
            return;
        try
        {
            var found = new ReportFiles(globs).In(order.Folder);
            var report = new JUnitReport(_cases, new JUnitReport.Budget(), new SecretPatterns(order.Secrets));
            foreach (var path in found.Take(MaxFiles))
                Read(report, path);
            if (found.Count > MaxFiles)
                _sentences.Add($"there are {found.Count} reports; the first {MaxFiles} were read");
        }
        catch (IOException failure)
        {
            _sentences.Add($"reports cannot be looked for: {failure.Message}");
        }

        if (_broken > MostNamed)
            _sentences.Add($"{_broken - MostNamed} more reports cannot be read");
        if (_older > 0)
            _sentences.Add($"{_older} {(_older == 1 ? "report is" : "reports are")} older than this run and not counted");
        if (_read == 0 && _broken == 0)
            _sentences.Add($"no report was written that {string.Join(", ", globs)} fits");
    }

    private void Read(JUnitReport report, string path)
    {
        var before = _cases.Count;
        try
        {
            var file = new FileInfo(Path.Combine(order.Folder, path));
            if (file.LastWriteTimeUtc < order.StartedAt.UtcDateTime - s_clock)
            {
                _older++;
                return;
            }

            // Also pipes and devices, which would be waited on for ever.
            if (file.Length == 0)
                throw new InvalidDataException("it is empty");
            if (file.Length > JUnitReport.MaxFileBytes)
                throw new InvalidDataException($"it is larger than {JUnitReport.MaxFileBytes / 1024 / 1024} MiB");
            using var xml = file.OpenRead();
            report.Read(xml);
            _read++;
        }
        catch (Exception failure) when (failure is XmlException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            var kept = _cases.Count - before;
            if (++_broken <= MostNamed)
                _sentences.Add($"the report {path} cannot be read: {failure.Message.TrimEnd('.')}{(kept > 0 ? $"; the {kept} cases before that count" : "")}");
            if (kept > 0)
                _read++;
        }
    }

    private async Task<bool> UploadGraphAsync(CancellationToken cancel)
    {
        if (order.Task.CallGraph is not { Length: > 0 } path)
            return false;
        var file = new FileInfo(Path.Combine(order.Folder, path));
        if (!file.Exists || file.LastWriteTimeUtc < order.StartedAt.UtcDateTime - s_clock)
        {
            _sentences.Add($"no call graph was written to {path}");
            return false;
        }

        if (file.Length is 0 or > MaxGraphBytes)
        {
            _sentences.Add(string.Create(CultureInfo.InvariantCulture, $"the call graph {path} has {file.Length} bytes; 1 to {MaxGraphBytes} are uploaded"));
            return false;
        }

        return await SaysAsync("call graph", async () =>
        {
            var bytes = await File.ReadAllBytesAsync(file.FullName, cancel);
            var elapsed = TimeSpan.FromMilliseconds(order.ElapsedMs);
            // An Avro record ends with the zero of its last array, so it never looks like an object.
            if (bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && bytes.AsSpan().TrimEnd(" \t\r\n"u8) is [.., (byte)'}'])
                await client.UploadChainsAsync(bytes, elapsed, cancel);
            else
                await client.UploadCallGraphAsync(bytes, order.ExitCode != 0, elapsed, cancel);
        });
    }

    private async Task<bool> SaysAsync(string what, Func<Task> upload)
    {
        try
        {
            await upload();
            return true;
        }
        catch (RequestRefusedException refused)
        {
            _sentences.Add($"the TI service did not take the {what}: {refused.Message} {refused.NextStep}".TrimEnd());
        }
        catch (IOException failure)
        {
            _sentences.Add($"the {what} could not be uploaded: {failure.Message}");
        }

        return false;
    }

    private ReportSummary Sum()
    {
        var failed = _cases.Count(one => one.Result.Status is TestStatus.Failed or TestStatus.Error);
        var skipped = _cases.Count(one => one.Result.Status == TestStatus.Skipped);
        return new ReportSummary
        {
            TotalTests = _cases.Count,
            FailedTests = failed,
            SkippedTests = skipped,
            SuccessfulTests = _cases.Count - failed - skipped,
            DurationMs = _cases.Sum(one => one.DurationMs),
            FlakyTests = _cases.Count(one => one.Flaky),
        };
    }
}
