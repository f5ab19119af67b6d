using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Verification;

/// <summary>
/// Certificate policies (RFC 5280 §6.1) with the user's initial set "any policy" and nothing inhibited at the start: the only outcome
/// that matters is whether a CA demands an explicit policy and none is left. Then the tree needs no edges: the set of policies that are
/// expected at each depth is enough, which also rules out the exponential growth of RFC 9618 §3.
/// </summary>
internal sealed class PolicyCheck
{
    private readonly int _length;
    private int _explicitPolicy;
    private int _policyMapping;
    private int _inhibitAnyPolicy;
    private HashSet<string> _expected = [Oids.AnyPolicy];

    private PolicyCheck(int length)
    {
        _length = length;
        _explicitPolicy = _policyMapping = _inhibitAnyPolicy = length + 1;
    }

    /// <summary>Null when the path meets its policies; otherwise why not. The path runs from leaf to anchor; the anchor's own policies do not count (§6.1).</summary>
    public static Failure? Check(ReadOnlySpan<ParsedCertificate> path)
    {
        if (!AnyDemand(path))
            return null;
        var check = new PolicyCheck(path.Length - 1);
        for (int i = path.Length - 2; i >= 0; i--)
        {
            string? objection = check.Step(path[i], isLast: i == 0);
            if (objection is not null)
            {
                return new Failure(CertificateFault.Malformed,
                    $"A CA of the chain demands certificate policies, and the certificate \"{Wording.Name(path[i].Subject)}\" {objection}.",
                    "Issue the certificate with a policy its CA allows, or use a CA without policy constraints.");
            }
        }

        return null;
    }

    // Nearly every path of real life: nobody demands anything, so nothing can fail.
    private static bool AnyDemand(ReadOnlySpan<ParsedCertificate> path)
    {
        for (int i = path.Length - 2; i >= 0; i--)
        {
            if (path[i].RequireExplicitPolicy is not null || path[i].PolicyMappings.Count > 0)
                return true;
        }

        return false;
    }

    private string? Step(ParsedCertificate certificate, bool isLast)
    {
        HashSet<string> valid = Valid(certificate, isLast);
        if (_explicitPolicy == 0 && valid.Count == 0)
            return "has none of them";
        if (isLast)
        {
            // §6.1.5 (a), (b).
            bool demanded = _explicitPolicy <= 1 && (_explicitPolicy == 0 || !certificate.IsSelfIssued);
            return (demanded || certificate.RequireExplicitPolicy == 0) && valid.Count == 0 ? "has none of them" : null;
        }

        foreach (PolicyMapping mapping in certificate.PolicyMappings)
        {
            if (mapping.IssuerPolicy == Oids.AnyPolicy || mapping.SubjectPolicy == Oids.AnyPolicy)
                return "maps \"any policy\", which is not allowed";
        }

        _expected = Map(certificate, valid);
        if (!certificate.IsSelfIssued)
        {
            _explicitPolicy = Math.Max(0, _explicitPolicy - 1);
            _policyMapping = Math.Max(0, _policyMapping - 1);
            _inhibitAnyPolicy = Math.Max(0, _inhibitAnyPolicy - 1);
        }

        _explicitPolicy = Math.Min(_explicitPolicy, certificate.RequireExplicitPolicy ?? _length + 1);
        _policyMapping = Math.Min(_policyMapping, certificate.InhibitPolicyMapping ?? _length + 1);
        _inhibitAnyPolicy = Math.Min(_inhibitAnyPolicy, certificate.InhibitAnyPolicy ?? _length + 1);
        return null;
    }

    // §6.1.3 (d), (e).
    private HashSet<string> Valid(ParsedCertificate certificate, bool isLast)
    {
        if (certificate.Policies is not { } policies)
            return [];
        bool anyAllowed = policies.Contains(Oids.AnyPolicy) && (_inhibitAnyPolicy > 0 || (!isLast && certificate.IsSelfIssued));
        var valid = new HashSet<string>();
        foreach (string policy in policies)
        {
            if (policy != Oids.AnyPolicy && (_expected.Contains(policy) || _expected.Contains(Oids.AnyPolicy)))
                valid.Add(policy);
        }

        if (anyAllowed)
            valid.UnionWith(_expected);
        return valid;
    }

    // §6.1.4 (b): what the next certificate is expected to have.
    private HashSet<string> Map(ParsedCertificate certificate, HashSet<string> valid)
    {
        if (certificate.PolicyMappings.Count == 0)
            return valid;
        var mapped = new HashSet<string>();
        var expected = new HashSet<string>(valid);
        foreach (PolicyMapping mapping in certificate.PolicyMappings)
        {
            expected.Remove(mapping.IssuerPolicy);
            if (_policyMapping > 0 && (valid.Contains(mapping.IssuerPolicy) || valid.Contains(Oids.AnyPolicy)))
                mapped.Add(mapping.SubjectPolicy);
        }

        expected.UnionWith(mapped);
        return expected;
    }
}
