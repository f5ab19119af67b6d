using System.Globalization;
using System.Text.Json;
using Avro;
using Avro.Generic;
using Avro.IO;

namespace Gatehouse.TestIntelligence.Tests.Graphs;

/// <summary>Writes call graphs with Apache's own library, so that reader and writer are not of one hand.</summary>
internal sealed class AvroGraph
{
    private readonly List<(int Id, string Package, string Class, string Method, string Type, string File, bool AlwaysRun, bool Failed)> _nodes = [];
    private readonly List<(int Source, int[] Tests)> _relations = [];

    public AvroGraph Test(int id, string package, string className, string method, string file = "", bool alwaysRun = false, bool failed = false) =>
        Node(id, package, className, method, "test", file, alwaysRun, failed);

    public AvroGraph Source(int id, string package, string className, string file = "") => Node(id, package, className, "m", "source", file, false, false);

    public AvroGraph Reached(int source, params int[] tests)
    {
        _relations.Add((source, tests));
        return this;
    }

    /// <summary>The body of an upload: a JSON string of Base64.</summary>
    public byte[] Body(bool newer = true) => JsonSerializer.SerializeToUtf8Bytes(Convert.ToBase64String(Bytes(newer)));

    public byte[] Bytes(bool newer)
    {
        var schema = (RecordSchema)Schema.Parse(Text(newer));
        var nodeSchema = (RecordSchema)((ArraySchema)schema["nodes"].Schema).ItemSchema;
        var relationSchema = (RecordSchema)((ArraySchema)schema["testRelations"].Schema).ItemSchema;
        var visSchema = (RecordSchema)((ArraySchema)schema["visgraphRelations"].Schema).ItemSchema;
        var graph = new GenericRecord(schema);
        graph.Add("nodes", _nodes.Select(node =>
        {
            var record = new GenericRecord(nodeSchema);
            record.Add("package", node.Package);
            record.Add("class", node.Class);
            record.Add("method", node.Method);
            record.Add("params", "");
            record.Add("id", node.Id);
            record.Add("classId", string.GetHashCode(node.Class, StringComparison.Ordinal));
            record.Add("type", node.Type);
            record.Add("callsReflection", false);
            record.Add("alwaysRun", node.AlwaysRun);
            record.Add("file", node.File);
            if (newer)
                record.Add("hasFailed", node.Failed);
            return record;
        }).ToArray());
        graph.Add("testRelations", _relations.Select(relation =>
        {
            var record = new GenericRecord(relationSchema);
            record.Add("source", relation.Source);
            record.Add("tests", relation.Tests.Cast<object>().ToArray());
            return record;
        }).ToArray());
        var drawn = new GenericRecord(visSchema);
        drawn.Add("source", 1);
        drawn.Add("destinations", new object[] { 2, 3 });
        graph.Add("visgraphRelations", new[] { drawn });
        using var bytes = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(graph, new BinaryEncoder(bytes));
        return bytes.ToArray();
    }

    private AvroGraph Node(int id, string package, string className, string method, string type, string file, bool alwaysRun, bool failed)
    {
        _nodes.Add((id, package, className, method, type, file, alwaysRun, failed));
        return this;
    }

    private static string Text(bool newer) => string.Format(CultureInfo.InvariantCulture, """
        {{"type":"record","name":"callgraph","fields":[
          {{"name":"nodes","type":{{"type":"array","items":{{"type":"record","name":"node","fields":[
            {{"name":"method","type":"string"}},{{"name":"package","type":"string"}},{{"name":"id","type":"int"}},{{"name":"classId","type":"int"}},
            {{"name":"params","type":"string"}},{{"name":"class","type":"string"}},{{"name":"type","type":"string"}},
            {{"name":"callsReflection","type":"boolean"}},{{"name":"alwaysRun","type":"boolean"}},{{"name":"file","type":"string"}}{0}]}}}}}},
          {{"name":"testRelations","type":{{"type":"array","items":{{"type":"record","name":"tests","fields":[
            {{"name":"source","type":"int"}},{{"name":"tests","type":{{"type":"array","items":"int"}}}}]}}}}}},
          {{"name":"visgraphRelations","type":{{"type":"array","items":{{"type":"record","name":"vis","fields":[
            {{"name":"source","type":"int"}},{{"name":"destinations","type":{{"type":"array","items":"int"}}}}]}}}}}}]}}
        """, newer ? """,{"name":"hasFailed","type":"boolean"}""" : "");
}
