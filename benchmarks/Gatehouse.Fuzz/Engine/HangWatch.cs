namespace Gatehouse.Fuzz.Engine;

/// <summary>Ends the process when one input takes too long: it cannot be stopped otherwise, and it is a finding.</summary>
internal sealed class HangWatch : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private readonly Timer _timer;
    private readonly string _target;
    private byte[]? _input;
    private byte[]? _before;

    public HangWatch(string target)
    {
        _target = target;
        _timer = new Timer(_ => Look(), null, s_limit, s_limit);
    }

    /// <summary>Told before each input.</summary>
    public void Begin(byte[] input) => Volatile.Write(ref _input, input);

    // The same array twice in a row: it runs since the last look at least.
    private void Look()
    {
        var input = Volatile.Read(ref _input);
        if (input is not null && ReferenceEquals(input, _before))
        {
            Console.Error.WriteLine($"{_target}: an input takes more than {s_limit.TotalSeconds} s: {Convert.ToBase64String(input)}");
            Environment.Exit(1);
        }
        _before = input;
    }

    public void Dispose() => _timer.Dispose();
}
