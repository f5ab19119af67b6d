namespace Gatehouse.Pki.Parsing;

/// <summary>Key usage bits (RFC 5280 §4.2.1.3) as the first byte of the extension holds them.</summary>
[Flags]
internal enum KeyUsages
{
    None = 0,
    DigitalSignature = 0x80,
    NonRepudiation = 0x40,
    KeyEncipherment = 0x20,
    DataEncipherment = 0x10,
    KeyAgreement = 0x08,
    KeyCertSign = 0x04,
    CrlSign = 0x02,
    EncipherOnly = 0x01,
}
