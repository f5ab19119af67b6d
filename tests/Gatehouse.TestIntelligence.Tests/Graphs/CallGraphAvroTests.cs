using CsCheck;
using Gatehouse.TestIntelligence.Graphs;
using Gatehouse.Testing;

namespace Gatehouse.TestIntelligence.Tests.Graphs;

public sealed class CallGraphAvroTests
{
    private static readonly AvroGraph s_graph = new AvroGraph()
        .Source(-7, "com.shop", "Cart$Item", "src/main/java/com/shop/Cart.java").Source(8, "com.shop", "Price")
        .Test(int.MinValue, "com.shop", "CartTest", "adds", "src/test/java/com/shop/CartTest.java", failed: true).Test(2, "com.shop", "PriceTest", "rounds", alwaysRun: true)
        .Reached(-7, int.MinValue).Reached(8, int.MinValue, 2);

    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    public void What_the_public_library_writes_is_read_whichever_form_the_address_names(bool newer, bool addressSaysNewer)
    {
        var upload = CallGraphAvro.Read(s_graph.Bytes(newer), addressSaysNewer, someFailed: false);
        var tests = upload.Tests.ToDictionary(test => test.Name.Class);
        Assert.Equal(["CartTest", "PriceTest"], tests.Keys.Order());
        Assert.Equal(new CodeUnit("src/test/java/com/shop/CartTest.java", "com.shop", "CartTest"), upload.Units[tests["CartTest"].Unit]);
        Assert.Equal(["Cart", "Price"], tests["CartTest"].Reaches.Select(unit => upload.Units[unit].Class).Order());
        Assert.Equal(["Price"], tests["PriceTest"].Reaches.Select(unit => upload.Units[unit].Class));
        Assert.True(tests["PriceTest"].AlwaysRun);
        Assert.Equal((newer ? true : null, newer ? false : null), (tests["CartTest"].Failed, tests["PriceTest"].Failed));
        Assert.Equal(newer, upload.SomeFailed);
    }

    [Fact]
    public void A_test_that_reaches_what_the_graph_does_not_name_is_always_run()
    {
        var upload = CallGraphAvro.Read(new AvroGraph().Test(1, "p", "ATest", "m").Reached(99, 1).Bytes(true), true, false);
        Assert.True(Assert.Single(upload.Tests).AlwaysRun);
    }

    [Fact]
    public void A_relation_to_a_test_that_is_not_there_is_refused() =>
        Assert.Contains("no such test", Assert.Throws<InvalidDataException>(() =>
            CallGraphAvro.Read(new AvroGraph().Source(1, "p", "A").Reached(1, 5).Bytes(true), true, false)).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_cut_or_changed_are_refused_and_nothing_else_happens()
    {
        var whole = s_graph.Bytes(true);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => CallGraphAvro.Read(whole.AsSpan(0, length), true, false));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Fixed().Sample(changes =>
        {
            var bytes = whole.ToArray();
            foreach (var (at, value) in changes)
                bytes[at] = value;
            try
            {
                CallGraphAvro.Read(bytes, true, false);
            }
            catch (InvalidDataException)
            {
                // Refused.
            }
        }, iter: 20_000);
    }

    [Fact]
    public void A_count_of_billions_asks_for_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => CallGraphAvro.Read([0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0], true, false));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1024 * 1024);
    }
}
