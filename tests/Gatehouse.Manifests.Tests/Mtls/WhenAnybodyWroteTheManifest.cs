using CsCheck;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;

namespace Gatehouse.Manifests.Tests.Mtls;

/// <summary>What holds for every manifest, tried on some hundreds that chance wrote.</summary>
public sealed class WhenAnybodyWroteTheManifest
{
    [Fact]
    public void On_and_off_is_as_it_was_twice_is_once_and_the_check_is_content() => RandomManifest.Any.Sample(
        before =>
        {
            var once = MtlsManifest.Enable(before, Samples.Options);
            Assert.Equal(once.Text, MtlsManifest.Enable(once.Text, Samples.Options).Text);
            Assert.Empty(MtlsManifest.Check(once.Text, new CheckOptions { Endpoint = Samples.Options.Endpoint }));
            Assert.NotEmpty(MtlsManifest.Check(before, new CheckOptions()));
            var off = MtlsManifest.Disable(once.Text).Text;
            Assert.Equal(before, off);
        },
        iter: 600, threads: 1);
}
