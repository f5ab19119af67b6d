using CsCheck;
using Gatehouse.Manifests.Mtls;
using Gatehouse.Manifests.Tests.Support;
using Gatehouse.Testing;

namespace Gatehouse.Manifests.Tests.Mtls;

/// <summary>What holds for every manifest, tried on some hundreds that chance wrote.</summary>
public sealed class WhenAnybodyWroteTheManifest
{
    [Fact]
    public void On_and_off_is_as_it_was_twice_is_once_and_the_check_is_content() => RandomManifest.Any.Fixed().Sample(
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

    [Fact]
    public async Task Another_reader_sees_what_was_meant_to_change_and_nothing_else()
    {
        var before = RandomManifest.Any.Array[100].Fixed().Single();
        var after = before.Select(manifest => MtlsManifest.Enable(manifest, Samples.Options).Text).ToArray();
        var were = await Witness.PyYamlAllAsync(before);
        var are = await Witness.PyYamlAllAsync(after);
        for (var i = 0; i < before.Length; i++)
        {
            var places = Witness.Differences(were[i], are[i]).Where(one => !Added(one.Key)).ToDictionary(one => one.Key["/Deployment:delegate/spec/template/spec/containers/delegate/env/".Length..], one => one.Value);
            var expected = new Dictionary<string, string>
            {
                ["MANAGER_HOST_AND_PORT/value"] = "\"https://customer1.agent.example.io\"",
                ["LOG_STREAMING_SERVICE_URL/value"] = "\"https://customer1.agent.example.io/log-service/\"",
                ["TI_SERVICE_URL/value"] = "\"https://customer1.agent.example.io/ti-service/\"",
                ["DELEGATE_CLIENT_CERTIFICATE_PATH/value"] = "\"/etc/mtls/client.crt\"",
                ["DELEGATE_CLIENT_CERTIFICATE_KEY_PATH/value"] = "\"/etc/mtls/client.key\"",
                ["GRPC_AUTHORITY_MODIFICATION_DISABLED/value"] = "\"true\"",
            };
            // References of the first two or three are replaced by values; names are of items that were not there.
            Assert.Equal(expected.OrderBy(one => one.Key, StringComparer.Ordinal), places.Where(one => expected.ContainsKey(one.Key)).OrderBy(one => one.Key, StringComparer.Ordinal));
            Assert.All(places.Where(one => !expected.ContainsKey(one.Key)), one => Assert.True(one.Key.EndsWith("/name", StringComparison.Ordinal) || (one.Key.EndsWith("/valueFrom", StringComparison.Ordinal) && one.Value == "(gone)"), $"{one}\n{before[i]}"));
        }
    }

    /// <summary>Places of the mount, the volume and our annotation; an empty list or mapping that is filled is there, too.</summary>
    private static bool Added(string place) =>
        place.StartsWith("/Deployment:delegate/spec/template/spec/containers/delegate/volumeMounts/client-certificate/", StringComparison.Ordinal)
        || place.StartsWith("/Deployment:delegate/spec/template/spec/volumes/client-certificate/", StringComparison.Ordinal)
        || place == "/Deployment:delegate/metadata/annotations/gatehouse/before-mtls";
}
