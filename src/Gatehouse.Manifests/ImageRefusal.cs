using Gatehouse.Contracts;

namespace Gatehouse.Manifests;

/// <summary>Why a manifest's image is not taken.</summary>
internal static class ImageRefusal
{
    /// <summary>For people; null when the image is taken.</summary>
    /// <param name="image">The image.</param>
    /// <param name="allowed">Patterns of images that are taken whatever their tag: <c>*</c> stands for any text.</param>
    public static string? Refusal(this ImageReference image, IEnumerable<string> allowed) => image.CanDoMtls(allowed)
        ? null
        : $"{image.Described}. Only delegates whose tag is of the form yy.mm.xxxxx (for example 26.02.88404, also with .minimal or -fips) can do mutual TLS; legacy delegates cannot. "
            + "Set such an image; for one of your own, Gatehouse's delegate among them, add --allow-image with its name or a pattern, for example --allow-image 'registry.example.io/delegate:*'.";
}
