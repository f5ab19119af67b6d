using Gatehouse.Pki;
using Gatehouse.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Gatehouse.Client.Tests;

/// <summary>The ways in which certificate and key come to be replaced, and those in which it goes wrong on the way.</summary>
public sealed class WhenThePairIsReplaced : IClassFixture<OpenSslPairs>, IDisposable
{
    private readonly OpenSslPairs _pairs;
    private readonly TemporaryDirectory _folder = new();
    private readonly LookingTime _time = new();
    private readonly List<string> _told = [];
    private readonly ClientIdentity _identity;
    private readonly string _first, _second;

    public WhenThePairIsReplaced(OpenSslPairs pairs)
    {
        _pairs = pairs;
        File.Copy(pairs.First.Certificate, Certificate);
        File.Copy(pairs.First.Key, Key);
        _identity = ClientIdentity.Load(Certificate, Key, _time);
        _identity.Failed += _told.Add;
        (_first, _second) = (_identity.Current.Facts.SerialNumber, PemIdentity.Parse(pairs.Second.CertificatePem, pairs.Second.KeyPem).Facts.SerialNumber);
    }

    private string Certificate => _folder.File("client.crt");

    private string Key => _folder.File("client.key");

    private string InUse => _identity.Current.Facts.SerialNumber;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Renames_are_seen_and_the_moment_between_them_is_no_pair()
    {
        File.Copy(_pairs.Second.Certificate, Certificate + ".new");
        File.Copy(_pairs.Second.Key, Key + ".new");
        File.Move(Certificate + ".new", Certificate, overwrite: true);
        Assert.False(_identity.Check());
        Assert.Equal(_first, InUse);
        Assert.Equal((ReloadResult.Refused, _second), (_identity.Report.Result, _identity.Report.OnDisk!.SerialNumber));
        Assert.Contains("do not belong together", Assert.Single(_told), StringComparison.Ordinal);
        File.Move(Key + ".new", Key, overwrite: true);
        Assert.True(_identity.Check());
        Assert.Equal((_second, true), (InUse, _identity.Report.IsDiskInUse));
    }

    [Fact]
    public void However_much_of_it_is_written_in_place_only_a_whole_pair_is_ever_in_use()
    {
        var (certificate, key) = (_pairs.Second.CertificatePem, _pairs.Second.KeyPem);
        for (var percent = 0; percent < 100; percent += 9)
        {
            File.WriteAllText(Certificate, certificate[..(certificate.Length * percent / 100)]);
            Assert.False(_identity.Check());
            Assert.Equal(_first, InUse);
        }

        File.WriteAllText(Certificate, certificate);
        for (var percent = 0; percent < 100; percent += 9)
        {
            File.WriteAllText(Key, key[..(key.Length * percent / 100)]);
            Assert.False(_identity.Check());
            Assert.Equal(_first, InUse);
        }

        File.WriteAllText(Key, key);
        Assert.True(_identity.Check());
        Assert.Equal(_second, InUse);
        var body = string.Concat(key.Split('\n')[1..^2]);
        Assert.All(_told, sentence => Assert.DoesNotContain(body[..40], sentence, StringComparison.Ordinal));
        Assert.All(_told, sentence => Assert.EndsWith($" The certificate with serial {_first} stays in use.", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_being_written_is_not_judged()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watching = _identity.WatchAsync(end.Token);
        File.Copy(_pairs.Second.Certificate, Certificate, overwrite: true);
        _time.Advance(TimeSpan.FromSeconds(2));
        await _time.SettlesAsync();
        File.Copy(_pairs.Second.Key, Key, overwrite: true);
        await Eventually.TrueAsync("the second pair in use", () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            return Task.FromResult(InUse == _second);
        });
        Assert.Empty(_told);
        await end.CancelAsync();
        await watching;
    }

    [Fact]
    public void Each_content_is_refused_once_and_the_old_one_put_back_is_no_rotation()
    {
        File.WriteAllText(Key, "no key");
        Assert.False(_identity.Check() || _identity.Check());
        File.WriteAllText(Key, "no key either");
        Assert.False(_identity.Check() || _identity.Check());
        Assert.Equal((2, 2L), (_told.Count, _identity.FailedReloads));
        Assert.False(_identity.Report.IsDiskInUse);
        File.Copy(_pairs.First.Key, Key, overwrite: true);
        Assert.False(_identity.Check());
        Assert.Equal((true, 0L, _first), (_identity.Report.IsDiskInUse, _identity.Reloads, InUse));
    }

    [Fact]
    public void An_expired_one_does_not_replace_a_good_one()
    {
        File.Copy(_pairs.Expired.Certificate, Certificate, overwrite: true);
        File.Copy(_pairs.Expired.Key, Key, overwrite: true);
        Assert.False(_identity.Check());
        Assert.Equal(_first, InUse);
        Assert.Contains("The client certificate expired at 2020-02-01", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Contains("Renew it.", _told[0], StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_not_valid_yet_waits_for_its_time()
    {
        var now = _time.GetUtcNow();
        var ca = CertificateIssuer.CreateCa("/CN=Root", 10, KeyKind.EcP256, now);
        var tomorrow = CertificateIssuer.CreateClient(ca.CertificatePem, ca.PrivateKeyPem, "/CN=tomorrow", null, 5, KeyKind.EcP256, now.AddDays(1));
        File.WriteAllText(Certificate, tomorrow.CertificatePem);
        File.WriteAllText(Key, tomorrow.PrivateKeyPem);
        Assert.False(_identity.Check() || _identity.Check());
        Assert.Equal((ReloadResult.Waiting, _first), (_identity.Report.Result, InUse));
        Assert.Contains("taken over by itself when that time has come", Assert.Single(_told), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.True(_identity.Check());
        Assert.Equal("CN=tomorrow", _identity.Current.Facts.Subject);
    }

    /// <summary>Says when a changed content is waiting to be read a second time.</summary>
    private sealed class LookingTime() : FakeTimeProvider(System.GetUtcNow())
    {
        private readonly TaskCompletionSource _settles = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task SettlesAsync() => _settles.Task.WaitAsync(TimeSpan.FromMinutes(2));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == TimeSpan.FromMilliseconds(250))
                _settles.TrySetResult();
            return timer;
        }
    }
}
