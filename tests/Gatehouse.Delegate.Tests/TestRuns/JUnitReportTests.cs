using System.Text;
using System.Xml;
using Gatehouse.Contracts.TestIntelligence;
using Gatehouse.Testing;

namespace Gatehouse.Delegate.Tests;

public sealed class JUnitReportTests
{
    private static readonly SecretPatterns s_none = new([]);

    [Fact]
    public void Secrets_are_masked_wherever_they_stand_and_also_where_a_text_is_cut()
    {
        var cases = new List<TestCase>();
        var almost = new string('x', (64 * 1024) - 3);
        using var xml = new MemoryStream(Encoding.UTF8.GetBytes($"""
            <testsuite name="on s3cret-word"><testcase name="logs in with s3cret-word" classname="C"><failure message="s3cret-word is wrong" type="s3cret-word">at s3cret-word</failure>
            <system-out>{almost}s3cret-word and more</system-out><system-err>ends with s3cret</system-err></testcase></testsuite>
            """));
        new JUnitReport(cases, new JUnitReport.Budget(), new SecretPatterns(["s3cret-word"])).Read(xml);
        var one = Assert.Single(cases);
        Assert.All(new[] { one.Name, one.SuiteName, one.Result.Message, one.Result.Type, one.Result.Desc }, text => Assert.Contains("**************", text, StringComparison.Ordinal));
        Assert.Equal(almost, one.Stdout);
        Assert.Equal("ends with s3cret", one.Stderr);
    }

    [Fact]
    public void Suites_cases_and_how_they_ended_are_read()
    {
        var cases = Read("""
            <?xml version="1.0" encoding="utf-8"?>
            <testsuites><testsuite name="Shop"><properties><property name="a" value="b"/></properties>
              <testcase name="adds" classname="Shop.CartTests" time="1,001.5" file="CartTests.cs"/>
              <testcase name="pays" classname="Shop.CartTests" time="0.25"><failure message="expected 1" type="EqualException">at <![CDATA[<Pay>]]> line 3</failure><system-out>hi</system-out></testcase>
              <testcase name="breaks" classname="Shop.CartTests"><error type="NullReference">gone</error><system-err>warn</system-err></testcase>
              <testcase name="waits" classname="Shop.CartTests"><skipped message="later"/></testcase>
              <testcase name="wavers" classname="Shop.CartTests"><flakyFailure message="once"><stackTrace>x</stackTrace></flakyFailure></testcase>
              <testsuite name="Inner"><testcase name="nested" classname="C"/></testsuite>
            </testsuite><testsuite name="Second"><testcase name="last"/></testsuite></testsuites>
            """);
        Assert.Equal(["passed", "failed", "error", "skipped", "passed", "passed", "passed"], cases.Select(one => one.Result.Status));
        Assert.Equal(["Shop", "Shop", "Shop", "Shop", "Shop", "Inner", "Second"], cases.Select(one => one.SuiteName));
        Assert.Equal((1_001_500, "CartTests.cs"), (cases[0].DurationMs, cases[0].FileName));
        Assert.Equal(("expected 1", "EqualException", "at <Pay> line 3", "hi"), (cases[1].Result.Message, cases[1].Result.Type, cases[1].Result.Desc, cases[1].Stdout));
        Assert.Equal(("gone", "warn", "later"), (cases[2].Result.Desc, cases[2].Stderr, cases[3].Result.Message));
        Assert.True(cases[4].Flaky);
    }

    [Theory]
    [InlineData("""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>""")]
    [InlineData("""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>""")]
    [InlineData("""<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:1/x.dtd"><testsuite/>""")]
    public void A_document_type_is_refused_before_anything_is_looked_up(string xml) =>
        Assert.Contains("DTD", Assert.Throws<XmlException>(() => Read(xml)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_was_whole_before_a_report_breaks_off_counts()
    {
        var cases = new List<TestCase>();
        Assert.Throws<XmlException>(() => Into(cases, "<testsuite name='s'><testcase name='a'/><testcase name='b'><failure>half"));
        Assert.Equal("a", Assert.Single(cases).Name);
    }

    [Fact]
    public void Something_else_and_what_is_nested_too_deep_is_refused()
    {
        Assert.Contains("<project>", Assert.Throws<InvalidDataException>(() => Read("<project/>")).Message, StringComparison.Ordinal);
        var deep = string.Concat(Enumerable.Repeat("<testsuite>", 500));
        Assert.Contains("nested", Assert.Throws<InvalidDataException>(() => Read(deep)).Message, StringComparison.Ordinal);
        var text = "<testsuite><testcase><system-out>" + string.Concat(Enumerable.Repeat("<a>", 500));
        Assert.Contains("nested", Assert.Throws<InvalidDataException>(() => Read(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_are_cut_and_all_reports_share_one_bound()
    {
        var (cases, budget) = (new List<TestCase>(), new JUnitReport.Budget { Characters = 100_000 });
        var xml = $"<testsuite><testcase name='{new string('n', 5000)}'><system-out>{new string('x', 200_000)}</system-out><system-err>{new string('y', 200_000)}</system-err></testcase></testsuite>";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(xml));
        new JUnitReport(cases, budget, s_none).Read(stream);
        Assert.Equal((1024, 65_536, 34_464), (cases[0].Name.Length, cases[0].Stdout.Length, cases[0].Stderr.Length));
    }

    /// <summary>Whatever the bytes are: cases, or one of the two exceptions that a report's reader expects.</summary>
    [Fact]
    public void Damaged_reports_break_off_and_nothing_else()
    {
        var good = Encoding.UTF8.GetBytes("<testsuites><testsuite name='s'><testcase name='a' time='1'><failure message='m'>f</failure><system-out>o</system-out></testcase></testsuite></testsuites>");
        var random = new Random(20261130);
        var broken = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])good.Clone();
            for (var i = random.Next(1, 6); i > 0; i--)
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)"<>&;'\"/=x\0]"[random.Next(11)];
            using var stream = new MemoryStream(bytes, 0, random.Next(bytes.Length + 1));
            try
            {
                new JUnitReport([], new JUnitReport.Budget(), s_none).Read(stream);
            }
            catch (Exception failure) when (failure is XmlException or InvalidDataException)
            {
                broken++;
            }
        }

        Assert.InRange(broken, 1000, 19_999);
    }

    private static List<TestCase> Read(string xml)
    {
        var cases = new List<TestCase>();
        Into(cases, xml);
        return cases;
    }

    private static void Into(List<TestCase> cases, string xml)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(xml));
        new JUnitReport(cases, new JUnitReport.Budget(), s_none).Read(stream);
    }
}

public sealed class ReportFilesTests
{
    [Theory]
    [InlineData("*.xml", "a.xml", true)]
    [InlineData("*.xml", "b/a.xml", false)]
    [InlineData("**/TestResults/*.xml", "TestResults/a.xml", true)]
    [InlineData("**/TestResults/*.xml", "src/app/TestResults/a.xml", true)]
    [InlineData("**/TestResults/*.xml", "src/app/TestResults/deep/a.xml", false)]
    [InlineData("./out/**", "out/x/y.xml", true)]
    [InlineData("out/r?.xml", "out/r1.xml", true)]
    [InlineData("out/r?.xml", "out/r/.xml", false)]
    [InlineData("a.xml", "aXxml", false)]
    [InlineData("(a|b)+.xml", "(a|b)+.xml", true)]
    public void Globs_fit_as_people_expect(string glob, string path, bool fits) => Assert.Equal(fits, new ReportFiles([glob]).Match(path));

    [Fact]
    public void Folders_behind_links_and_links_are_left_alone()
    {
        using var folder = new TemporaryDirectory();
        using var elsewhere = new TemporaryDirectory();
        File.WriteAllText(elsewhere.File("outside.xml"), "");
        Directory.CreateDirectory(folder.File("in/.git"));
        File.WriteAllText(folder.File("in/a.xml"), "");
        File.WriteAllText(folder.File("in/.git/b.xml"), "");
        Directory.CreateSymbolicLink(folder.File("link"), elsewhere.Path);
        Directory.CreateSymbolicLink(folder.File("in/loop"), folder.Path);
        File.CreateSymbolicLink(folder.File("in/file.xml"), elsewhere.File("outside.xml"));
        Assert.Equal(["in/a.xml"], new ReportFiles(["**/*.xml"]).In(folder.Path));
    }
}
