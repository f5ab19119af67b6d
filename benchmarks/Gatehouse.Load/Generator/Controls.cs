namespace Gatehouse.Load;

/// <summary>The counter-proof: what must not be counted is not. Otherwise the expected answer would prove nothing.</summary>
internal static class Controls
{
    /// <exception cref="BenchFailedException">The target gave the expected answer to somebody who must not get it, or not to one who must.</exception>
    public static async Task CheckAsync(LoadTarget target, CancellationToken cancellationToken)
    {
        if (!await GetsAnswerAsync(target, cancellationToken))
            throw new BenchFailedException($"{target.Name} did not answer a client with a good certificate.");
        if (await GetsAnswerAsync(target with { Identity = null }, cancellationToken))
            throw new BenchFailedException($"{target.Name} answered a client without a certificate: its figures would prove nothing.");
        if (await GetsAnswerAsync(target with { Identity = target.Certificates.Stranger }, cancellationToken))
            throw new BenchFailedException($"{target.Name} answered a client with a certificate of another CA: its figures would prove nothing.");
    }

    private static async Task<bool> GetsAnswerAsync(LoadTarget target, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await ProvenConnection.OpenAsync(target, cancellationToken);
            await connection.RequestAsync(LoadTarget.CloseRequest, cancellationToken);
            return true;
        }
        catch (BenchFailedException) when (target.Identity != target.Certificates.Client)
        {
            return false;
        }
    }
}
