using Gatehouse.Contracts.TestIntelligence;

namespace Gatehouse.Delegate.Tests;

public sealed class DotnetFilterTests
{
    [Fact]
    public void Methods_are_named_and_whole_classes_take_in_what_is_nested() => Assert.Equal(
        @"FullyQualifiedName~Shop.Cart.Adds|FullyQualifiedName~Shop.Cart.Pays|FullyQualifiedName~Shop.Cart\(|FullyQualifiedName~Bare.|FullyQualifiedName~Bare+|FullyQualifiedName~Bare\(",
        DotnetFilter.Of([Test("Shop", "Cart", "Adds"), Test("Shop", "Cart", "Pays"), Test("Shop", "Cart", "Pays"), Test("", "Bare", ""), Test("", "Bare", "One")]));

    [Fact]
    public void What_means_something_in_a_filter_is_escaped() =>
        Assert.StartsWith(@"FullyQualifiedName~N.C.a\|b\&c\(1\=2\)\!\~\\", DotnetFilter.Of([Test("N", "C", @"a|b&c(1=2)!~\")]), StringComparison.Ordinal);

    [Fact]
    public void Nothing_selected_fits_no_test() => Assert.Equal("FullyQualifiedName=Gatehouse.NoTestIsSelected", DotnetFilter.Of([]));

    [Fact]
    public void Many_methods_become_classes_and_too_many_classes_no_filter()
    {
        var many = Enumerable.Range(0, 5_000).Select(i => Test("N", $"C{i % 10}", $"m{i}")).ToList();
        Assert.Equal(30, DotnetFilter.Of(many)!.Split('|').Length);
        Assert.Null(DotnetFilter.Of([.. Enumerable.Range(0, 5_000).Select(i => Test("N", $"C{i}", "m"))]));
    }

    private static RunnableTest Test(string package, string className, string method) => new() { Pkg = package, Class = className, Method = method, Selection = "source_code" };
}
