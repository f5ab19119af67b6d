namespace Gatehouse.Contracts;

/// <summary>One client turned away: what was wrong, in words for the person who has to mend it.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Message">What is wrong: facts, no secrets.</param>
/// <param name="NextStep">What to do about it.</param>
/// <param name="AccountId">The account of the endpoint or request; null when none could be told.</param>
/// <param name="Host">The name the client asked for, lower-cased and bounded; null when it named none.</param>
/// <param name="RemoteAddress">The peer's address without port.</param>
/// <param name="Certificate">The certificate it showed, if any.</param>
public sealed record Refusal(
    RefusalCode Code, string Message, string NextStep, string? AccountId = null, string? Host = null,
    string? RemoteAddress = null, PresentedCertificate? Certificate = null);
