using Gatehouse.Pki.Parsing;

namespace Gatehouse.Pki.Bundles;

/// <summary>
/// Names of well-known public CAs, for a warning: who trusts one of them trusts everybody who can get a certificate from it. Only a
/// hint: names are free text, and a public CA that neither this list nor Mozilla's has passes in silence. The roots
/// a machine trusts are not asked: a company's own are among them, and a warning of those would be wrong.
/// </summary>
internal static class PublicAuthorities
{
    // Organisation, and how the common name begins (empty: any).
    private static readonly (string Organization, string CommonName)[] s_known =
    [
        ("Internet Security Research Group", ""), ("Let's Encrypt", ""), ("Digital Signature Trust Co.", ""), ("IdenTrust", ""),
        ("DigiCert Inc", ""), ("DigiCert, Inc.", ""), ("Baltimore", "Baltimore CyberTrust"), ("VeriSign, Inc.", ""), ("thawte, Inc.", ""), ("GeoTrust Inc.", ""),
        ("GlobalSign", ""), ("GlobalSign nv-sa", ""), ("Google Trust Services LLC", ""), ("Google Trust Services", ""),
        ("Sectigo Limited", ""), ("COMODO CA Limited", ""), ("The USERTRUST Network", ""), ("AddTrust AB", ""), ("ZeroSSL", ""),
        ("Amazon", "Amazon R"), ("Amazon", "Amazon Root CA"), ("Starfield Technologies, Inc.", ""), ("GoDaddy.com, Inc.", ""), ("The Go Daddy Group, Inc.", ""),
        ("Entrust, Inc.", ""), ("Entrust.net", ""), ("SSL Corporation", ""), ("SSL Corp", ""), ("Microsoft Corporation", "Microsoft RSA Root"), ("Microsoft Corporation", "Microsoft ECC Root"),
        ("Buypass AS-983163327", ""), ("QuoVadis Limited", ""), ("Unizeto Technologies S.A.", ""), ("Asseco Data Systems S.A.", ""), ("SwissSign AG", ""),
        ("D-Trust GmbH", ""), ("T-Systems Enterprise Services GmbH", ""), ("Deutsche Telekom Security GmbH", ""), ("HARICA", ""), ("Certainly", "Certainly"),
        ("Cloudflare, Inc.", "Cloudflare Inc"), ("Cloudflare, Inc.", "Cloudflare TLS"), ("Actalis S.p.A./03358520967", ""), ("SECOM Trust Systems CO.,LTD.", ""),
        // The rest of Mozilla's list, as Debian's ca-certificates has it; the last one names no organisation.
        ("ACCV", ""), ("ANF Autoridad de Certificacion", ""), ("AffirmTrust", ""), ("Agence Nationale de Certification Electronique", ""), ("Atos", "Atos Trusted"),
        ("CERTSIGN SA", ""), ("China Financial Certification Authority", ""), ("Chunghwa Telecom Co., Ltd.", ""), ("Dhimyotis", ""), ("Disig a.s.", ""),
        ("E-Tugra EBG A.S.", ""), ("E-Tuğra EBG Bilişim Teknolojileri ve Hizmetleri A.Ş.", ""), ("FNMT-RCM", ""),
        ("GUANG DONG CERTIFICATE AUTHORITY CO.,LTD.", ""), ("Hellenic Academic and Research Institutions CA", ""),
        ("Hellenic Academic and Research Institutions Cert. Authority", ""), ("Hongkong Post", ""), ("IZENPE S.A.", ""),
        ("Japan Certification Services, Inc.", ""), ("Krajowa Izba Rozliczeniowa S.A.", ""), ("Microsec Ltd.", ""), ("NAVER BUSINESS PLATFORM Corp.", ""),
        ("NetLock Kft.", ""), ("SECOM Trust.net", ""), ("SecureTrust Corporation", ""), ("TAIWAN-CA", ""), ("Telia Finland Oyj", ""), ("TeliaSonera", ""),
        ("TrustCor Systems S. de R.L.", ""), ("Trustwave Holdings, Inc.", ""), ("Turkiye Bilimsel ve Teknolojik Arastirma Kurumu - TUBITAK", ""),
        ("UniTrust", ""), ("WISeKey", ""), ("XRamp Security Services Inc", ""), ("certSIGN", ""), ("e-commerce monitoring GmbH", ""), ("eMudhra Inc", ""),
        ("eMudhra Technologies Limited", ""), ("iTrusChina Co.,Ltd.", ""), ("", "Autoridad de Certificacion Firmaprofesional CIF A62634068"),
    ];

    /// <summary>True when the subject reads like a well-known public CA.</summary>
    public static bool LooksPublic(DistinguishedName subject)
    {
        string organization = subject.First(Oids.Organization) ?? "";
        string commonName = subject.First(Oids.CommonName) ?? "";
        foreach ((string knownOrganization, string knownName) in s_known)
        {
            if (organization.Equals(knownOrganization, StringComparison.OrdinalIgnoreCase) && commonName.StartsWith(knownName, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
