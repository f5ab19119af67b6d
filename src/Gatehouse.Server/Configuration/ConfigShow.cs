using System.Text.Json;

namespace Gatehouse.Server.Configuration;

/// <summary><c>gatehouse config show</c>.</summary>
internal static class ConfigShow
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Run(Func<IReadOnlyList<ConfiguredValue>> read, bool sources, string? output)
    {
        try
        {
            var values = read();
            new ServerConfigurationParser(values).Parse();
            Console.Out.WriteLine(output == "json" ? Json(values) : Text(values, sources));
            return 0;
        }
        catch (ConfigurationException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }

    private static string Shown(ConfiguredValue value) => value.Value is null ? "" : value.Key.IsSecret ? "***" : value.Value;

    private static string Json(IReadOnlyList<ConfiguredValue> values) => JsonSerializer.Serialize(
        values.Select(v => new { key = v.Key.Name, value = v.Value is null ? null : Shown(v), source = v.Source, description = v.Key.Description }), s_json);

    private static string Text(IReadOnlyList<ConfiguredValue> values, bool sources)
    {
        var width = values.Max(v => v.Key.Name.Length);
        return string.Join(Environment.NewLine, values.Select(v =>
            sources ? $"{v.Key.Name.PadRight(width)}  {Shown(v),-40}  {v.Source}" : $"{v.Key.Name.PadRight(width)}  {Shown(v)}".TrimEnd()));
    }
}
