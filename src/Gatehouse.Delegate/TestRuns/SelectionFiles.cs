using System.Text;
using System.Xml;
using Gatehouse.Contracts.Tasks;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate;

/// <summary>Tells a test command what to run: variables, and files that they name. Whatever cannot be told in a way runs everything in that way.</summary>
internal sealed class SelectionFiles(string folder)
{
    internal const string Mode = "GATEHOUSE_TI_SELECTION";
    internal const string Tests = "GATEHOUSE_TI_TESTS_FILE";
    internal const string Skip = "GATEHOUSE_TI_SKIP_FILE";
    internal const string DotnetFilterVariable = "GATEHOUSE_TI_DOTNET_FILTER";
    internal const string DotnetSettings = "GATEHOUSE_TI_DOTNET_SETTINGS";

    /// <summary>A variable of more than 128 KiB keeps Linux from starting anything; a filter is short, or it is in the settings file only.</summary>
    private const int MaxVariable = 32 * 1024;

    private string SettingsFile => Path.Combine(folder, "selection.runsettings");

    /// <summary>Everything runs.</summary>
    internal SelectionAnswer Everything(string reason, int known = 0)
    {
        WriteSettings(null);
        return new SelectionAnswer(new TestsToRun("all", reason, known, known), new Dictionary<string, string> { [Mode] = "all", [DotnetSettings] = SettingsFile });
    }

    /// <summary>What the TI service selected.</summary>
    internal SelectionAnswer Selected(SelectTestsResponse selection)
    {
        if (selection.SelectAll)
            return Everything(selection.Reason is { Length: > 0 } reason ? reason : "The TI service asks for everything.", selection.TotalTests);
        if (selection.Tests.Any(test => string.IsNullOrEmpty(test?.Class) || HasControls(test.Pkg) || HasControls(test.Class) || HasControls(test.Method)))
            return Everything("The selection names a test without a class, or with a name that cannot be passed on.", selection.TotalTests);
        var tests = Path.Combine(folder, "tests.txt");
        File.WriteAllLines(tests, selection.Tests.Select(test => string.Join('.', new[] { test.Pkg, test.Class, test.Method }.Where(part => !string.IsNullOrEmpty(part)))), new UTF8Encoding(false));
        var filter = DotnetFilter.Of(selection.Tests);
        WriteSettings(filter);
        var mode = selection.Tests.Count == 0 ? "none" : "some";
        var variables = new Dictionary<string, string> { [Mode] = mode, [Tests] = tests, [DotnetSettings] = SettingsFile };
        if (filter is { Length: <= MaxVariable })
            variables[DotnetFilterVariable] = filter;
        return new SelectionAnswer(
            new TestsToRun(mode, null, selection.TotalTests, selection.SelectedTests), variables,
            filter is null ? "the selection is too long for a filter of dotnet test: where that decides, everything runs" : null);
    }

    /// <summary>Test files to leave out.</summary>
    internal SelectionAnswer LeaveOut(SkipTestsResponse skip)
    {
        if (skip.SkipTests.Any(HasControls))
            return Everything("The list of tests to skip names a file that cannot be passed on.");
        WriteSettings(null);
        var file = Path.Combine(folder, "skip.txt");
        File.WriteAllLines(file, skip.SkipTests, new UTF8Encoding(false));
        return new SelectionAnswer(
            new TestsToRun("skip", null, 0, skip.SkipTests.Count), new Dictionary<string, string> { [Mode] = "skip", [Skip] = file, [DotnetSettings] = SettingsFile });
    }

    private static bool HasControls(string? text) => text is not null && text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || !XmlConvert.IsXmlChar(c));

    private void WriteSettings(string? filter)
    {
        using var xml = XmlWriter.Create(SettingsFile, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true });
        xml.WriteStartElement("RunSettings");
        xml.WriteStartElement("RunConfiguration");
        if (filter is not null)
            xml.WriteElementString("TestCaseFilter", filter);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
