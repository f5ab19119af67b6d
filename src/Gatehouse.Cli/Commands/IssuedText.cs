using Gatehouse.Cli.Certificates;
using Gatehouse.Cli.Output;
using Gatehouse.Pki;

namespace Gatehouse.Cli.Commands;

/// <summary>What commands say that made a certificate.</summary>
internal static class IssuedText
{
    /// <summary>Runs an issuing function; what cannot be issued is wrong input.</summary>
    public static T Issue<T>(Func<T> issue)
    {
        try
        {
            return issue();
        }
        catch (CertificateIssuingException e)
        {
            throw CliException.BadInput(e.Message, e);
        }
    }

    public static void Print(Invocation call, string certificatePem, string certificatePath, string? keyPath, string kind, string next, params IEnumerable<string> warnings)
    {
        using var file = PkiFile.Read(System.Text.Encoding.ASCII.GetBytes(certificatePem));
        var facts = CertificateFacts.TryRead(file.Certificates[0]) ?? throw new InvalidOperationException("An issued certificate cannot be read.");
        List<string> all = [.. warnings];
        if (!facts.IsCa && ClientLint.TooLong((facts.NotAfter - facts.NotBefore).TotalDays) is { } tooLong)
        {
            all.Add(tooLong);
        }

        call.Print(new IssuedFiles(certificatePath, keyPath, facts, all), CliJson.Default.IssuedFiles, sheet =>
        {
            sheet.Facts(
                ($"{kind} certificate", certificatePath),
                ("Private key", keyPath is null ? null : $"{keyPath} (only you can read it)"));
            CertificateText.Facts(sheet, facts);
        });
        foreach (var warning in all)
        {
            call.Say($"Warning: {warning}");
        }

        call.Say(next);
    }
}
