using Gatehouse.Cli.SelfTest.Wire;

namespace Gatehouse.Cli.SelfTest.Checks;

/// <summary>Checks of one kind, and the judgements most of them share.</summary>
internal abstract class CheckGroup(Lab lab)
{
    protected const string NeedsClient = "give --cert and --key";
    protected const string NeedsOpenSsl = "openssl not found on this machine";

    protected Lab Lab { get; } = lab;

    protected SelfTestInput Input => Lab.Input;

    public abstract IEnumerable<Check> All();

    /// <summary>Must be turned away.</summary>
    protected static Finding Refused(Answer answer) => answer.SaysNothing ? Finding.NotTested(answer.Told) : Finding.When(answer.IsRefusal, answer.Told);

    /// <summary>Must make no difference.</summary>
    protected static Finding Same(Answer answer, Answer expected) => answer.SaysNothing ? Finding.NotTested(answer.Told)
        : answer.SameAs(expected) ? Finding.Pass($"{answer.Told}, as without it")
        : answer.IsWithoutHttp && expected.IsRefusal ? Finding.Pass($"{answer.Told}; refused without it, too")
        : Finding.Fail($"{answer.Told}, without it {expected.Told}");

    /// <summary>Must be served like the well-behaved request, or be turned away.</summary>
    protected static Finding SameOrRefused(Answer answer, Answer expected) =>
        answer.SameAs(expected) ? Finding.Pass($"{answer.Told}, as in one piece") : answer.IsRefusal ? Finding.Pass($"{answer.Told}: refused, which is safe") : Refused(answer);

    /// <summary>A check that means something only where a well-behaved request is let in.</summary>
    protected Check WhenServed(Threat threat, string sent, Func<CancellationToken, Task<Finding>> run) =>
        Lab.Good.IsServed ? new Check(threat, sent, run)
            : Check.NotTested(threat, sent, Input.Client is null ? NeedsClient : "the control failed: what is refused anyway shows nothing");

    /// <summary>A request over HTTP/1.1 that must be turned away.</summary>
    protected Check MustRefuse(Threat threat, string sent, string request) =>
        WhenServed(threat, sent, async cancellationToken => Refused(await Lab.AskAsync(Lab.Own, request, cancellationToken)));
}
