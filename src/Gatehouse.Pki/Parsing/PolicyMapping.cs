namespace Gatehouse.Pki.Parsing;

/// <summary>One policy mapping of a CA (RFC 5280 §4.2.1.5).</summary>
internal readonly record struct PolicyMapping(string IssuerPolicy, string SubjectPolicy);
