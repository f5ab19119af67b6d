using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Recording.CallGraphFile))]

namespace Recording;

/// <summary>Notes which source files a test reaches. Here by a line in each method; in other places an agent or a profiler does it.</summary>
public static class Reached
{
    private static readonly AsyncLocal<TestCase?> s_running = new();

    internal static ConcurrentDictionary<(string Package, string Class, string Method), TestCase> Tests { get; } = new();

    /// <summary>Files are named from here.</summary>
    internal static string Root { get; } = Path.GetDirectoryName(Path.GetDirectoryName(OwnFile()))!;

    public static void Here([CallerFilePath] string file = "") => s_running.Value?.Files.TryAdd(Path.GetRelativePath(Root, file).Replace('\\', '/'), 0);

    internal static void Starts(MethodInfo method, string file)
    {
        var type = method.DeclaringType!;
        s_running.Value = Tests.GetOrAdd((type.Namespace ?? "", type.Name, method.Name), _ => new TestCase(Path.GetRelativePath(Root, file).Replace('\\', '/')));
    }

    private static string OwnFile([CallerFilePath] string file = "") => file;

    internal sealed class TestCase(string file)
    {
        public string File => file;

        public ConcurrentDictionary<string, byte> Files { get; } = new();
    }
}

/// <summary>On a test class: its tests are recorded.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RecordedAttribute([CallerFilePath] string file = "") : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Reached.Starts(methodUnderTest, file);
}
