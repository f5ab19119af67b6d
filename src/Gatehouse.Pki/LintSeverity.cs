namespace Gatehouse.Pki;

/// <summary>How much a finding matters.</summary>
public enum LintSeverity
{
    /// <summary>It will not work.</summary>
    Error,

    /// <summary>It works but deserves a look.</summary>
    Warning,
}
