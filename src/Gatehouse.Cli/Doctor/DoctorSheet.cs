using Gatehouse.Cli.Output;

namespace Gatehouse.Cli.Doctor;

/// <summary>The report for a person at 03:00: what is wrong and what to type come first, what was looked at after.</summary>
internal static class DoctorSheet
{
    public static void Show(Sheet sheet, DoctorReport report)
    {
        var errors = report.Diagnoses.Where(one => !one.IsWarning).ToList();
        if (errors.Count == 0)
            sheet.Line($"{report.Target}: nothing is wrong.");
        for (var i = 0; i < errors.Count; i++)
            ShowOne(sheet, errors[i], i == 0 ? "Wrong" : "Also wrong");
        foreach (var warning in report.Diagnoses.Where(one => one.IsWarning))
            ShowOne(sheet, warning, "Warning");
        sheet.Line();
        sheet.Table(["LOOKED AT", "SEEN"], report.Observations.Select(one => new[] { one.Step, one.Seen }));
    }

    private static void ShowOne(Sheet sheet, Diagnosis diagnosis, string lead)
    {
        sheet.Line($"{lead}, {diagnosis.Code}: {diagnosis.Cause}");
        sheet.Line($"  {diagnosis.NextStep}");
        if (diagnosis.Command is { } command)
            sheet.Line($"  $ {command}");
        sheet.Line();
    }
}
