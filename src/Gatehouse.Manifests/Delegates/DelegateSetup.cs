using Gatehouse.Contracts;
using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Mtls;

namespace Gatehouse.Manifests.Delegates;

/// <summary>What a delegate is to be started with. What is not known yet becomes a placeholder, which is named.</summary>
public sealed record DelegateSetup
{
    /// <summary>The account's endpoint.</summary>
    public MtlsEndpoint? Endpoint { get; init; }

    /// <summary>The account.</summary>
    public string? AccountId { get; init; }

    /// <summary>The delegate's name.</summary>
    public required string Name { get; init; }

    /// <summary>The image; its tag tells whether it can do mutual TLS.</summary>
    public string? Image { get; init; }

    /// <summary>Patterns of images that are taken whatever their tag.</summary>
    public IReadOnlyList<string> AllowedImages { get; init; } = [];

    /// <summary>Names of certificate and key in the folder or Secret.</summary>
    public SecretKeys Keys { get; init; } = SecretKeys.Documented;

    /// <summary>Tags, with commas between; null: none.</summary>
    public string? Tags { get; init; }

    /// <summary>Do not set the addresses of log and TI service: the account's flag <c>CI_OVERRIDE_SERVICE_URLS</c> derives them.</summary>
    public bool OverrideServiceUrls { get; init; }

    /// <summary>Further variables.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables { get; init; } = [];

    /// <summary>Why the image is not taken; null when it is, or is not named yet.</summary>
    public string? ImageRefusal => Image is null ? null : ImageReference.Parse(Image).Refusal(AllowedImages);

    internal string ImageOrPlaceholder => Image ?? "<image with a tag of the form yy.mm.xxxxx>";

    internal string AccountOrPlaceholder => AccountId ?? "<account ID>";

    internal string ManagerOrPlaceholder => Endpoint?.Manager ?? "https://<subdomain>.agent.example.io";

    internal string CertificatePath => $"{Names.MountPath}/{Keys.Certificate}";

    internal string KeyPath => $"{Names.MountPath}/{Keys.Key}";

    /// <summary>The public page's variables for Docker, without the token, and those it leaves out.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Environment()
    {
        var set = new List<KeyValuePair<string, string>>
        {
            new("DELEGATE_NAME", Name), new("NEXT_GEN", "true"), new("DELEGATE_TYPE", "DOCKER"), new("ACCOUNT_ID", AccountOrPlaceholder),
            new(Names.Certificate, CertificatePath), new(Names.Key, KeyPath), new(Names.Manager, ManagerOrPlaceholder),
        };
        if (!OverrideServiceUrls)
        {
            set.Add(new(Names.LogService, ManagerOrPlaceholder + "/log-service/"));
            set.Add(new(Names.TiService, ManagerOrPlaceholder + "/ti-service/"));
        }

        set.Add(new(Names.GrpcAuthority, "true"));
        if (Tags is not null)
        {
            set.Add(new("DELEGATE_TAGS", Tags));
        }

        set.RemoveAll(one => Variables.Any(other => other.Key == one.Key));
        set.AddRange(Variables);
        return set;
    }

    /// <summary>The placeholders that are left, and the option that fills each.</summary>
    internal IEnumerable<Placeholder> Missing()
    {
        if (Endpoint is null)
        {
            yield return new("<subdomain>", "--endpoint");
        }

        if (AccountId is null)
        {
            yield return new("<account ID>", "--account");
        }

        if (Image is null)
        {
            yield return new(ImageOrPlaceholder, "--image");
        }
    }
}

/// <summary>A place that the person has to fill in.</summary>
/// <param name="Text">As it stands in the text.</param>
/// <param name="Option">The option that fills it.</param>
public sealed record Placeholder(string Text, string Option);

/// <summary>A text for the person, and what of it is left to fill in.</summary>
/// <param name="Text">The command or file.</param>
/// <param name="Missing">Placeholders in it.</param>
public sealed record Rendered(string Text, IReadOnlyList<Placeholder> Missing);
