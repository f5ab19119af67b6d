using Gatehouse.Contracts;
using Gatehouse.Manifests.Kubernetes;

namespace Gatehouse.Manifests.Mtls;

/// <summary>Looks for what would keep a manifest's delegates and upgrader from mutual TLS.</summary>
internal sealed class MtlsCheck(string text, CheckOptions options)
{
    private const string Enable = "'gatehouse manifest enable-mtls' puts it right.";

    private static readonly string[] s_variables = [Names.Certificate, Names.Key, Names.TiService, Names.GrpcAuthority];

    private readonly ManifestWork _work = new(text, options.Container);
    private readonly List<ManifestFinding> _findings = [];

    public IReadOnlyList<ManifestFinding> Run()
    {
        foreach (var one in _work.Fleet.Delegates)
        {
            CheckDelegate(one);
        }

        foreach (var configuration in _work.Fleet.Configurations)
        {
            new UpgraderCheck(configuration, options, _findings).Run();
        }

        foreach (var one in _work.Fleet.Upgraders)
        {
            var read = _work.Fleet.Configurations.Where(one.Reads).ToList();
            new MountCheck(one, _work.Resources, _findings).Run("upgrader", [.. read.SelectMany(configuration => configuration.CertificatePaths())]);
            new UpgraderRoleCheck(one, _work.Resources, _findings).Run([.. read.Select(configuration => configuration.Root().Scalar("workloadName")).OfType<string>()]);
        }

        _findings.AddRange(Placeholders.In(_work.Resources));
        return [.. _findings.Distinct()];
    }

    private void CheckDelegate(PodContainer one)
    {
        if (ImageReference.Parse(one.Image).Refusal(options.AllowedImages) is { } refusal)
        {
            Add("image_legacy", one.Title, refusal, "Set an image whose tag is of the form yy.mm.xxxxx." + (options.Container is null ? " If this container is no delegate, name the delegate's with --container." : ""));
        }

        CheckAddresses(one);
        foreach (var (name, code) in ((string, string)[])[(Names.Certificate, "certificate_variable_missing"), (Names.Key, "key_variable_missing")])
        {
            if (!IsSetOrElsewhere(one, name))
            {
                Add(code, one.Title, $"{name} is not set: the delegate shows no certificate.", Enable);
            }
        }

        // Where the files are looked for is not known when the variables are elsewhere; but without any mount they are nowhere.
        var paths = new[] { one.Environment.Value(Names.Certificate), one.Environment.Value(Names.Key) }.OfType<string>().ToList();
        if (paths.Count > 0 || !one.Environment.MayHave(Names.Certificate) || !one.Container.Maps("volumeMounts").Any())
        {
            new MountCheck(one, _work.Resources, _findings).Run("delegate", paths);
        }

        var elsewhere = s_variables.Where(name => (name != Names.TiService || !options.OverrideServiceUrls) && one.Environment.MayHave(name)).ToList();
        if (elsewhere.Count > 0)
        {
            Add("variables_elsewhere", one.Title, $"Not set in this manifest, but perhaps by an 'envFrom' that leads out of it: {string.Join(", ", elsewhere)}.", "Check them where they are set, or check both files as one.", isError: false);
        }

        if (one.Environment.Value(Names.GrpcAuthority) != "true" && !one.Environment.MayHave(Names.GrpcAuthority))
        {
            Add("grpc_variable_missing", one.Title, $"{Names.GrpcAuthority} is not 'true': gRPC would go to another name than the certificate's endpoint.", Enable, isError: false);
        }

        if (one.Environment.Value("PRECHECK_CONN") == "true")
        {
            Add("precheck_conn", one.Title, "PRECHECK_CONN is 'true': that check shows no client certificate, so it fails and the delegate does not start.", "Take PRECHECK_CONN out.");
        }

        if (one.Environment.Value("TRUST_ALL_CERTIFICATES") == "true")
        {
            Add("trust_all_certificates", one.Title, "TRUST_ALL_CERTIFICATES is 'true': the delegate would give its work to any server.", "Mount the server's CA into the delegate's ca-bundle folder and take the variable out.", isError: false);
        }

        if (one.Resource.Kind == "StatefulSet" && one.Environment.Value("DELEGATE_TYPE") is "KUBERNETES" or "HELM_DELEGATE")
        {
            Add("stateful_set", one.Resource.Title, "Delegates with a tag of the form yy.mm.xxxxx refuse to start in pods whose names end in a small number, as a StatefulSet's do.", "Make it a Deployment.");
        }
    }

    private static bool IsSetOrElsewhere(PodContainer one, string name) => one.Environment.Has(name) || one.Environment.MayHave(name);

    private void CheckAddresses(PodContainer one)
    {
        if (!IsSetOrElsewhere(one, Names.Manager))
        {
            Add("manager_missing", one.Title, $"{Names.Manager} is not set.", Enable);
            return;
        }

        if (one.Environment.Value(Names.Manager) is not { } manager)
        {
            Add("manager_elsewhere", one.Title, $"{Names.Manager} comes from outside of this manifest and was not checked.", "Check it where it is set.", isError: false);
            return;
        }

        var expected = options.Endpoint?.Manager;
        AddressCheck("manager", Names.Manager, manager, expected, trailingSlash: false);
        if (options.OverrideServiceUrls)
        {
            return;
        }

        expected ??= manager.TrimEnd('/');
        if (one.Environment.Value(Names.LogService) is { } log)
        {
            AddressCheck("log_service", Names.LogService, log, expected + "/log-service", trailingSlash: true);
        }

        if (one.Environment.Value(Names.TiService) is { } ti)
        {
            AddressCheck("ti_service", Names.TiService, ti, expected + "/ti-service", trailingSlash: true);
        }
        else if (!IsSetOrElsewhere(one, Names.TiService))
        {
            Add("ti_service_missing", one.Title, $"{Names.TiService} is not set: build steps would take the test intelligence service's address without mutual TLS.", Enable + " Accounts with the flag CI_OVERRIDE_SERVICE_URLS need it not: --override-service-urls.");
        }

        void AddressCheck(string code, string name, string value, string? wanted, bool trailingSlash)
        {
            if (Address.Fault(value, trailingSlash) is var (suffix, message))
            {
                Add($"{code}_{suffix}", one.Title, $"{name} is '{value}': {message}", Enable);
            }
            else if (wanted is not null && !string.Equals(value.TrimEnd('/'), wanted, StringComparison.OrdinalIgnoreCase))
            {
                Add($"{code}_other", one.Title, $"{name} is '{value}' and not '{wanted}{(trailingSlash ? "/" : "")}'.", Enable);
            }
        }
    }

    private void Add(string code, string where, string message, string nextStep, bool isError = true) => _findings.Add(new ManifestFinding(code, isError, where, message, nextStep));
}
