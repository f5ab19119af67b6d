using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Gatehouse.IntegrationTests;

/// <summary>
/// Fills a stopped server's database with accounts that each have an mTLS endpoint and a CA of their own. Rows go in as SQL: the API would
/// take minutes for a hundred thousand, and what is tried here is what the server makes of them.
/// </summary>
internal static class ManyEndpoints
{
    /// <summary>Account <paramref name="number"/> of the filled ones.</summary>
    public static string Account(int number) => string.Create(CultureInfo.InvariantCulture, $"tenant-{number:D6}");

    /// <summary>Its domain prefix.</summary>
    public static string Prefix(int number) => string.Create(CultureInfo.InvariantCulture, $"t{number:D6}");

    /// <summary>Adds <paramref name="count"/> of them. All CAs are <paramref name="caPem"/> with another serial number: an anchor is trusted as bytes, its own signature is not asked.</summary>
    public static async Task FillAsync(string database, int count, string caPem)
    {
        var der = Der(caPem);
        var serial = SerialOf(der);
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=false");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var account = connection.CreateCommand();
        account.CommandText = "INSERT INTO accounts (Id, Name, CreatedAt) VALUES ($id, $id, 0)";
        var accountId = account.Parameters.Add("$id", SqliteType.Text);
        await using var endpoint = connection.CreateCommand();
        endpoint.CommandText = """
            INSERT INTO endpoints (AccountId, Uuid, DomainPrefix, Fqdn, VanityHost, Mode, CaCertificates, Generation, CreatedAt, UpdatedAt)
            VALUES ($id, $uuid, $prefix, $prefix || '.agent.localhost', NULL, 'STRICT', $ca, $generation, 0, 0)
            """;
        var id = endpoint.Parameters.Add("$id", SqliteType.Text);
        var uuid = endpoint.Parameters.Add("$uuid", SqliteType.Text);
        var prefix = endpoint.Parameters.Add("$prefix", SqliteType.Text);
        var ca = endpoint.Parameters.Add("$ca", SqliteType.Text);
        var generation = endpoint.Parameters.Add("$generation", SqliteType.Integer);
        for (var i = 0; i < count; i++)
        {
            // The number in the middle of the serial: positive, and as long as it was.
            BitConverter.TryWriteBytes(der.AsSpan(serial.Start.Value + 2), i);
            (accountId.Value, id.Value, prefix.Value) = (Account(i), Account(i), Prefix(i));
            uuid.Value = string.Create(CultureInfo.InvariantCulture, $"uuid-{i:D16}");
            ca.Value = PemEncoding.WriteString("CERTIFICATE", der).ReplaceLineEndings("\n") + "\n";
            generation.Value = i + 1;
            await account.ExecuteNonQueryAsync();
            await endpoint.ExecuteNonQueryAsync();
        }
        await using var counter = connection.CreateCommand();
        counter.CommandText = "INSERT OR REPLACE INTO counters (Name, Value) VALUES ('trust-generation', $value)";
        counter.Parameters.AddWithValue("$value", count);
        await counter.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static byte[] Der(string pem)
    {
        var fields = PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }

    /// <summary>Where the serial number's content lies: the first INTEGER behind the version.</summary>
    private static Range SerialOf(byte[] der)
    {
        // SEQUENCE { SEQUENCE { [0] { INTEGER 2 } INTEGER serial ...: both sequences have two length bytes in a certificate of 256 to 65535 bytes.
        const int Serial = 4 + 4 + 5;
        if (der[Serial] != 0x02 || der[Serial + 1] < 8)
            throw new InvalidOperationException("The CA's serial number is not where it is expected, or too short to hold a number of ours.");
        return (Serial + 2)..(Serial + 2 + der[Serial + 1]);
    }
}
