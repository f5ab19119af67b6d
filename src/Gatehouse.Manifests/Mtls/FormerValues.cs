using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gatehouse.Manifests.Kubernetes;
using Gatehouse.Manifests.Yaml;

namespace Gatehouse.Manifests.Mtls;

/// <summary>
/// What stood in an object before mutual TLS was turned on, as it was written, in an annotation of ours: a JSON object of place and text. What was turned on first counts:
/// turning it on again with another endpoint does not forget the address before both.
/// </summary>
internal sealed class FormerValues
{
    private readonly Resource _resource;
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);
    private bool _isNew;

    private FormerValues(Resource resource)
    {
        _resource = resource;
    }

    /// <summary>Is there an annotation?</summary>
    public bool IsKnown => _values.Count > 0;

    /// <summary>Reads the annotation, if there is one.</summary>
    /// <exception cref="ManifestException">It was changed into something else.</exception>
    public static FormerValues Of(Resource resource)
    {
        var former = new FormerValues(resource);
        if (resource.Body.Scalar("metadata", "annotations", Names.Annotation) is { } text and not Names.Absent)
        {
            try
            {
                foreach (var (place, value) in JsonNode.Parse(text)!.AsObject())
                {
                    former._values[place] = value!.GetValue<string>();
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException)
            {
                throw new ManifestException($"The annotation '{Names.Annotation}' of {resource.Title} is not what Gatehouse wrote. Put it back, or take it out and name the former address with --manager.", e);
            }
        }

        return former;
    }

    /// <summary>What was written in a place; null when it is not known.</summary>
    public string? At(string place) => _values.GetValueOrDefault(place);

    /// <summary>Keeps what is written in a place, unless something older is kept.</summary>
    public void Keep(string place, string text) => _isNew |= _values.TryAdd(place, text.ReplaceLineEndings("\n"));

    /// <summary>Takes the annotation out.</summary>
    public void Remove(YamlEditor editor)
    {
        if (_resource.Body.Map("metadata") is not { } metadata || metadata.Find("annotations") is not { Value: TreeMap annotations } all || annotations.Find(Names.Annotation) is not { } ours)
        {
            return;
        }

        if (annotations.Entries.Count > 1)
        {
            editor.RemoveEntries(annotations, ours);
        }
        else if (At("empty:annotations") is { } raw)
        {
            editor.Unfill(all, raw);
        }
        else
        {
            editor.RemoveEntries(metadata, all);
        }
    }

    /// <summary>Puts what was kept into the annotation.</summary>
    public void Write(YamlEditor editor)
    {
        if (!_isNew)
        {
            return;
        }

        if (_resource.Body.Map("metadata") is not { } metadata)
        {
            throw new ManifestException($"A {_resource.Kind} has no 'metadata'. Give it a name, and try again.");
        }

        if (metadata.Find("annotations") is { Value: TreeScalar or TreeMap { Entries.Count: 0 } } empty)
        {
            _values["empty:annotations"] = editor.ValueText(empty.Source!).ReplaceLineEndings("\n");
            editor.Fill(metadata, empty, Tree.Map((Names.Annotation, Json())));
        }
        else if (metadata.Map("annotations") is not { } annotations)
        {
            editor.AddEntry(metadata, "annotations", Tree.Map((Names.Annotation, Json())));
        }
        else if (annotations.Find(Names.Annotation) is { } entry)
        {
            editor.SetText(annotations, entry, Json().Value);
        }
        else
        {
            editor.AddEntry(annotations, Names.Annotation, Json());
        }
    }

    private TreeScalar Json()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var (place, value) in _values)
            {
                json.WriteString(place, value);
            }

            json.WriteEndObject();
        }

        return Tree.Text(System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
