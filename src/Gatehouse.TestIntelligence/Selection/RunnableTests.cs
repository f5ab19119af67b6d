using System.Collections;
using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.TestIntelligence.Selection;

/// <summary>Selected tests as they go on the wire, each made when it is written: an answer with all tests of a large repository takes no memory of its own.</summary>
internal sealed class RunnableTests(IReadOnlyList<SelectedTest> tests) : IReadOnlyList<RunnableTest>
{
    private static readonly TestAutodetect s_none = new("");

    public int Count => tests.Count;

    public RunnableTest this[int index] => Of(tests[index]);

    public IEnumerator<RunnableTest> GetEnumerator() => tests.Select(Of).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static RunnableTest Of(SelectedTest test) => new()
    {
        Pkg = test.Name.Package,
        Class = test.Name.Class,
        Method = test.Name.Method,
        Selection = test.Reason switch
        {
            Reason.NewTest => SelectionReason.NewTest,
            Reason.UpdatedTest => SelectionReason.UpdatedTest,
            Reason.SourceCode => SelectionReason.SourceCode,
            Reason.PreviousFailure => SelectionReason.PreviousFailure,
            _ => SelectionReason.AlwaysRun,
        },
        Autodetect = s_none,
    };
}
