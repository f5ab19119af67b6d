using System.CommandLine;
using Gatehouse.Cli.Output;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Text;

namespace Gatehouse.Cli.Manifests;

/// <summary>Where a changed manifest goes: to stdout, back into its file, into another one, or nowhere but the difference to stdout.</summary>
internal sealed class ManifestOutput
{
    private readonly Option<bool> _inPlace = new("--in-place") { Description = "Write the result back into FILE" };
    private readonly Option<bool> _diff = new("--diff") { Description = "Show what would change, as 'diff -u' does but without what Secrets hold, and write nothing" };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "Write the result into another file; default stdout", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(_inPlace);
        command.Add(_diff);
        command.Add(_out);
    }

    /// <summary>Refuses two answers to the same question, before anything is read.</summary>
    public void Check(Invocation call, string path)
    {
        if ((call.Get(_inPlace) ? 1 : 0) + (call.Get(_diff) ? 1 : 0) + (call.Get(_out) is null ? 0 : 1) > 1)
        {
            throw CliException.BadInput("--in-place, --diff and --out exclude each other. Leave one.");
        }

        if (call.Get(_inPlace) && ManifestFile.IsStdin(path))
        {
            throw CliException.BadInput("--in-place needs a file, not '-'.");
        }
    }

    /// <summary>Writes and shows what became of the manifest.</summary>
    /// <param name="call">The run.</param>
    /// <param name="path">The manifest's file.</param>
    /// <param name="before">Its text.</param>
    /// <param name="change">What became of it.</param>
    /// <param name="nextSteps">Commands to run next, for people.</param>
    /// <param name="isSecret">Does the result hold a private key?</param>
    public void Deliver(Invocation call, string path, string before, ManifestChange change, IReadOnlyList<string> nextSteps, bool isSecret)
    {
        var target = call.Get(_inPlace) ? path : call.Get(_out);
        if (target is not null && (change.Text != before || target != path))
        {
            ManifestFile.Write(target, change.Text, isSecret);
        }

        var difference = call.Get(_diff) ? change.Hide(UnifiedDiff.Of(path, before, change.Text)) : null;
        if (call.Json)
        {
            var text = target is null && difference is null ? change.Text : null;
            call.Print(new ChangedManifest(change.Changes, change.Notes, nextSteps, target, difference, text), CliJson.Default.ChangedManifest, _ => { });
            return;
        }

        foreach (var note in change.Notes)
        {
            call.Say(Safe.Line(note));
        }

        if (difference is not null)
        {
            call.Terminal.Out.Write(difference);
        }
        else if (target is null)
        {
            call.Terminal.Out.Write(change.Text);
        }
        else
        {
            var sheet = new Sheet(call.Terminal);
            foreach (var one in change.Changes)
            {
                sheet.Line(one + ".");
            }

            sheet.Line(change.Changes.Count == 0 ? $"Nothing had to be changed in '{path}'." : $"'{target}' is written.");
        }

        foreach (var step in nextSteps)
        {
            call.Say("Next: " + Safe.Line(step));
        }
    }
}

/// <summary>What <c>manifest enable-mtls</c> and <c>disable-mtls</c> print as JSON.</summary>
/// <param name="Changes">What was changed; empty when nothing had to be.</param>
/// <param name="Notes">What else the person should know.</param>
/// <param name="NextSteps">Commands to run next.</param>
/// <param name="WrittenTo">The file that was written; null when none was asked for.</param>
/// <param name="Difference">With <c>--diff</c>: the difference.</param>
/// <param name="Manifest">Without a file and without <c>--diff</c>: the manifest as it is to be.</param>
internal sealed record ChangedManifest(
    IReadOnlyList<string> Changes, IReadOnlyList<string> Notes, IReadOnlyList<string> NextSteps, string? WrittenTo, string? Difference, string? Manifest);
