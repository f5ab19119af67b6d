namespace Gatehouse.Pki.Parsing;

/// <summary>Forms of a GeneralName; the values are the tags on the wire.</summary>
internal enum GeneralNameKind
{
    Other = 0,
    Rfc822 = 1,
    Dns = 2,
    X400 = 3,
    Directory = 4,
    EdiParty = 5,
    Uri = 6,
    IpAddress = 7,
    RegisteredId = 8,
}
