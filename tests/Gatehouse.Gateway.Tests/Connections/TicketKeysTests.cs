using System.Security.Cryptography;
using Gatehouse.Testing;
using Gatehouse.Tls.OpenSsl;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Gateway.Tests.Connections;

public sealed class TicketKeysTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Keys_of_our_own_change_every_hour_and_the_two_before_are_still_good()
    {
        var keys = new TicketKeys(null, _time);
        var first = keys.Current[0];
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Same(first, keys.Current[0]);
        for (var hour = 1; hour <= 2; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            Assert.NotSame(first, keys.Current[0]);
            Assert.Same(first, keys.Find(first.Name, out var isInForce));
            Assert.False(isInForce); // What it made is replaced on use.
        }
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(keys.Find(first.Name, out _));
        Assert.Equal(3, keys.Current.Length);
    }

    [Fact]
    public void The_file_is_read_again_and_a_key_that_left_it_opens_nothing()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("keys");
        string[] lines = [Line(), Line(), Line()];
        File.WriteAllLines(path, lines[..2]);
        var keys = new TicketKeys(path, _time);
        var (first, second) = (keys.Current[0], keys.Current[1]);

        File.WriteAllLines(path, [lines[2], lines[0]]);
        Assert.NotNull(keys.Find(second.Name, out _));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(keys.Find(second.Name, out _));
        Assert.NotNull(keys.Find(first.Name, out var isInForce));
        Assert.False(isInForce);

        // Half-written, or gone: what is known stays.
        File.WriteAllText(path, lines[2][..40]);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotNull(keys.Find(first.Name, out _));
        File.Delete(path);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotNull(keys.Find(first.Name, out _));
    }

    private static string Line() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(TicketKey.Bytes));
}
