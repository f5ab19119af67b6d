namespace Gatehouse.LogService;

/// <summary>A bucket of an S3-compatible service.</summary>
public sealed class S3Options
{
    /// <summary>Address of the service; null: Amazon's, of the region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The bucket, which must be there.</summary>
    public required string Bucket { get; init; }

    /// <summary>The region that requests are signed for. Default <c>us-east-1</c>, which is what most services other than Amazon's expect.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Stands before the name of each object, for a bucket that others use, too.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The bucket is in the path and not in the host's name. Default true.</summary>
    public bool PathStyle { get; init; } = true;

    /// <summary>With <see cref="SecretAccessKey"/>; null: as the AWS SDK finds credentials (environment, <c>~/.aws/credentials</c>, web identity, the machine's role).</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>Never logged.</summary>
    public string? SecretAccessKey { get; init; }
}
