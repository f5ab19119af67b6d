using System.Text.Json.Serialization;

namespace Gatehouse.Upgrader.Kubernetes;

#pragma warning disable CA1812 // Made by the serializer.

/// <summary>Of a Deployment, what an upgrade needs; the rest of the object is neither read nor sent.</summary>
internal sealed record Deployment
{
    public DeploymentSpec? Spec { get; init; }
}

internal sealed record DeploymentSpec
{
    public PodTemplate? Template { get; init; }
}

/// <summary>Of a CronJob, likewise.</summary>
internal sealed record CronJob
{
    public CronJobSpec? Spec { get; init; }
}

internal sealed record CronJobSpec
{
    public JobTemplate? JobTemplate { get; init; }
}

internal sealed record JobTemplate
{
    public DeploymentSpec? Spec { get; init; }
}

internal sealed record PodTemplate
{
    public PodSpec? Spec { get; init; }
}

internal sealed record PodSpec
{
    public IReadOnlyList<Container> Containers { get; init; } = [];
}

internal sealed record Container
{
    public string Name { get; init; } = "";

    public string Image { get; init; } = "";
}

/// <summary>How the API says no.</summary>
internal sealed record Status
{
    public string? Message { get; init; }

    public string? Reason { get; init; }

    public StatusDetails? Details { get; init; }
}

internal sealed record StatusDetails
{
    /// <summary>The object's name; without one, it is not the object that is missing but its kind.</summary>
    public string? Name { get; init; }
}

/// <summary>A step of a JSON patch (RFC 6902).</summary>
internal sealed record PatchStep(string Op, string Path, string Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(CronJob))]
[JsonSerializable(typeof(Status))]
[JsonSerializable(typeof(IReadOnlyList<PatchStep>))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
