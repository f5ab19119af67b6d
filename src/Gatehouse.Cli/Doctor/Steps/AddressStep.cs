namespace Gatehouse.Cli.Doctor.Steps;

/// <summary>Addresses and variables as text: what can be seen without a network.</summary>
internal static class AddressStep
{
    private const string Example = "Write it like https://customer1.agent.example.io:8443.";

    /// <summary>The manager's address; null when there is nothing that could be connected to.</summary>
    public static Uri? Check(DoctorInput input, Findings findings)
    {
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)
            [("MANAGER_HOST_AND_PORT", input.Url), ("ACCOUNT_ID", input.Account), ("DELEGATE_TOKEN", input.Token), ("LOG_STREAMING_SERVICE_URL", input.LogServiceUrl), ("TI_SERVICE_URL", input.TiServiceUrl)])
        {
            if (value is not null && IsPlaceholder(value))
                findings.Diagnose(Rank.Settings, DoctorCodes.Placeholder, $"{name} still holds a placeholder of the template.", $"Set {name} to the real value.");
        }

        if (findings.Has(Rank.Settings) && IsPlaceholder(input.Url))
            return null;
        if (!Uri.TryCreate(input.Url.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0 || url.UserInfo.Length > 0)
        {
            findings.Diagnose(Rank.Settings, DoctorCodes.AddressUnusable, $"{(input.Url.Contains('@') ? "The address holds a user or a password (what is before the @), and" : $"'{input.Url}'")} is no address of a gateway.", Example);
            return null;
        }

        if (url.Scheme == "http")
        {
            findings.Diagnose(Rank.Settings, DoctorCodes.AddressHttp, $"{url.OriginalString} is http: without TLS no certificate can be shown, and the token travels in the clear.", "Use https.");
            return null;
        }

        if (url.AbsolutePath != "/")
        {
            findings.Diagnose(Rank.Settings, DoctorCodes.AddressPath, $"The address has a path ({url.AbsolutePath}): delegates put /api/ behind it.",
                "Leave the path out of MANAGER_HOST_AND_PORT.", $"export MANAGER_HOST_AND_PORT={url.GetLeftPart(UriPartial.Authority)}");
        }
        else if (input.Url.TrimEnd().EndsWith('/'))
        {
            findings.Diagnose(Rank.Warning, DoctorCodes.AddressPath, "The address ends in a slash: some delegates then ask for //api/.", "Leave the slash out of MANAGER_HOST_AND_PORT.");
        }

        CheckService(findings, url, "LOG_STREAMING_SERVICE_URL", input.LogServiceUrl, "log-service");
        CheckService(findings, url, "TI_SERVICE_URL", input.TiServiceUrl, "ti-service");
        findings.Saw("address", url.GetLeftPart(UriPartial.Authority));
        return new Uri(url.GetLeftPart(UriPartial.Authority));
    }

    private static void CheckService(Findings findings, Uri manager, string name, string? value, string path)
    {
        if (value is null || IsPlaceholder(value))
            return;
        var mend = $"export {name}={manager.GetLeftPart(UriPartial.Authority)}/{path}/";
        if (!Uri.TryCreate(value, UriKind.Absolute, out var service) || service.Scheme is not ("http" or "https"))
            findings.Diagnose(Rank.Settings, DoctorCodes.AddressUnusable, $"{name} is '{value}', which is no address.", "Set it to the endpoint's own address.", mend);
        else if (service.Scheme == "http" || !service.IdnHost.Equals(manager.IdnHost, StringComparison.OrdinalIgnoreCase))
            findings.Diagnose(Rank.Settings, DoctorCodes.ServiceElsewhere, $"{name} leads to {service.GetLeftPart(UriPartial.Authority)}, past the endpoint {manager.Host}: a STRICT account is refused there.", "Set it to the endpoint's own address.", mend);
    }

    private static bool IsPlaceholder(string value) =>
        (value.Contains('<') && value.Contains('>')) || value.Contains("PUT_YOUR", StringComparison.OrdinalIgnoreCase) || (value.Contains('{') && value.Contains('}'));
}
