using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>A gateway that refuses everybody would pass every attack: it must serve who belongs there, before and after.</summary>
internal sealed class ControlChecks(Lab lab) : CheckGroup(lab)
{
    public override IEnumerable<Check> All()
    {
        yield return new(Threats.Control, "nothing: the server's certificate is looked at", _ => Task.FromResult(
            Lab.ServerCertificate is null ? Finding.Fail($"no handshake ended: {Lab.Good.Told}")
            : Finding.When(Lab.ServerCertificateFault is null, Lab.ServerCertificateFault ?? $"trusted, and for {Input.Site.Host}")));
        yield return Input.Client is null && Lab.Good.IsRefusal
            ? Check.NotTested(Threats.Control, "a well-behaved request with the good certificate", NeedsClient)
            : new(Threats.Control, Input.Client is null ? "a well-behaved request without certificate (none was given)" : "a well-behaved request with the good certificate",
                _ => Task.FromResult(Finding.When(Lab.Good.IsServed, Lab.Good.Told)));
    }

    /// <summary>The same again, when all is over.</summary>
    public Check Last() => WhenServed(Threats.Control, "the same again, after all of this", async cancellationToken => Still(await Lab.AskAsync(Lab.Own, Lab.OwnRequest(), cancellationToken)));

    private Finding Still(Answer answer) => Finding.When(answer.SameAs(Lab.Good), answer.Told);
}
