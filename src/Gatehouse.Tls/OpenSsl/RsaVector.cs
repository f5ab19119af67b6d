namespace Gatehouse.Tls.OpenSsl;

/// <summary>An RSA key of 2,048 bits and what its owner signed, made once with OpenSSL's command line: making one anew took a tenth of the server's start. The private key was thrown away.</summary>
internal static class RsaVector
{
    /// <summary>What was signed.</summary>
    public static readonly byte[] Data = [1, 2, 3];

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public static readonly byte[] PublicKey = Convert.FromBase64String(
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAznaVfNyYnSDTM7wjcq1kfEvZZ8L6N1llL8lfIrARWgo7fol5E0iHYtgXGSEZVoIl04EMnTcNmZnL"
        + "GYfbPqVCT8KFl8/E4YeAtsYV7f6Ctad+gZ9VmNfT25+hn5j3hzAFUavzCIAG7S4Bog3ZbKOLsFLoc7ItUsGkyNfXcXwT8QKwz27ST3X/130L5u+nheukg5yT"
        + "P4/fdM8N257ve0xbatHVOFoE+S8o7+PRH0rRhVtem4w0J/03mE1jrPGNbhjkyDPcUnAzKMG9VOpl/NHmMZv+Z1vdd7OUnlMllR137ZMIA1Tsl7b9KQ4DUeiD"
        + "6tQpUQjEf8Rzt90CUUB5/obQZQIDAQAB");

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    public static readonly byte[] Pkcs1Signature = Convert.FromBase64String(
        "lgtRzeKBnD+9U+gF/95JmXfPgDfgADB/JseY7D6V2NcPfWQIVCJzlcsky9YwZa2PgDDwJulGu8rEehhEL8NVOTcaTQo3tU+5BjtdimGgCZ5I22C7hxlBVKli"
        + "xpngm+GHFGZ3JBF8GIg3V64J8t68VcUeNgXib3zI8E1nriYrg5/DAK2QUj7r7fqEHFM8uJ1iZpJVX331Wm4772i/4B8r0WGxCH1NmpkBn3isBIxJVo1Xn7Ml"
        + "oa4XAU/7FndUyuXkhKzh2eciB2oe5s7eppzJW/yCshV6tqwgMcrgZ8Q7p3Vlte3t1VNeFvaS4B/M6s1tB0KxspAx3zczayCwvexwRQ==");

    /// <summary>RSASSA-PSS with SHA-256 and a salt of 32 bytes.</summary>
    public static readonly byte[] PssSignature = Convert.FromBase64String(
        "zUUdKHFdmr/0TS/9eMQ8us34HAZLXlWiCKEU88d4BCqkgeW9ve3yGKiXBjRCdgrQQ/vDGkFjIzxZ4FZoxza/9QeeIwat1dNz9y2LFeclV05oXx2F8wVqWvLo"
        + "gEN4AAeK2VQ7cIjnmAphiD8FejAlTt+aRSrW+0B4b0dArFVnPGxxf/8r/8cuTvCi/GVDhYAB0VbLyEJw27sZvfEx063GH7MCR0jNvKQQ2KOo2iRG4m/N7muK"
        + "gI1N4gor8TcAVjL0LSfyZWG8RxDabmPiNyFiWiux/Znwf6rf2RPLH8FViXI03EOEgB7gHdVUfZ9OB722i1PZcdDF6hFF0X5/zF3AhA==");
}
