using System.IO.Pipelines;

namespace Gatehouse.Gateway;

/// <summary>A connection whose output is gathered: see <see cref="GatheringOutput"/>.</summary>
internal sealed class GatheringTransport(IDuplexPipe inner, TimeProvider time) : IDuplexPipe
{
    private readonly GatheringOutput _output = new(inner.Output, time);

    /// <inheritdoc/>
    public PipeReader Input => inner.Input;

    /// <inheritdoc/>
    public PipeWriter Output => _output;

    /// <inheritdoc cref="GatheringOutput.CompleteAsync"/>
    public ValueTask EndOutputAsync() => _output.CompleteAsync();
}
