using CsCheck;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;
using Gatehouse.Testing;

namespace Gatehouse.Manifests.Tests.Mtls;

/// <summary>Lines lost, doubled and moved, characters changed: a manifest is refused with a reason, or what is done to it can be taken back.</summary>
public sealed class WhenAManifestIsDamaged
{
    private static readonly string[] s_samples = ["page.yaml", "own-names.yaml", "rendered-chart.yaml", "list.json", "list.yaml", "bare.yaml"];

    private static readonly Gen<string> s_damaged =
        from file in Gen.Int[0, s_samples.Length - 1]
        from damages in Gen.Select(Gen.Int[0, 5], Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Array[1, 4]
        select damages.Aggregate(Samples.Read(s_samples[file]), (text, damage) => Damage(text, damage.Item1, damage.Item2, damage.Item3));

    [Fact]
    public void It_is_refused_or_what_is_done_can_be_taken_back()
    {
        var takenBack = 0;
        s_damaged.Fixed().Sample(damaged =>
        {
            try
            {
                var enabled = MtlsManifest.Enable(damaged, Samples.Options).Text;
                Assert.Equal(enabled, MtlsManifest.Enable(enabled, Samples.Options).Text);
                if (MtlsManifest.Disable(damaged).Changes.Count == 0)
                {
                    Assert.Equal(damaged, MtlsManifest.Disable(enabled).Text);
                    takenBack++;
                }

                MtlsManifest.Check(damaged, new CheckOptions());
            }
            catch (ManifestException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 1500, threads: 1);
        Assert.True(takenBack > 100, $"Only {takenBack} were taken.");
    }

    private static string Damage(string text, int kind, int where, int what)
    {
        const string Characters = "{}[]:,#&*!|>'\"%@-? \n\tx0";
        var lines = text.Split('\n').ToList();
        var line = where % lines.Count;
        switch (kind)
        {
            case 0:
                lines.RemoveAt(line);
                break;
            case 1:
                lines.Insert(what % lines.Count, lines[line]);
                break;
            case 2:
                lines[line] = (what % 2 == 0 ? "  " : "") + lines[line].TrimStart();
                break;
            case 3:
                lines[line] += what % 2 == 0 ? " # comment" : "   ";
                break;
            default:
                var at = where % text.Length;
                return text[..at] + Characters[what % Characters.Length] + text[(kind == 4 ? at : at + 1)..];
        }

        return string.Join('\n', lines);
    }
}
