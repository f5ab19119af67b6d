namespace Gatehouse.TestIntelligence;

/// <summary>Everything a runner could make grow, and where that ends.</summary>
internal static class TiLimits
{
    /// <summary>Bytes of a request as it is sent, compressed or not.</summary>
    public const long MaxUploadBytes = 128L * 1024 * 1024;

    /// <summary>Bytes of a report or a call graph once it is uncompressed.</summary>
    public const long MaxDecodedBytes = 256L * 1024 * 1024;

    /// <summary>Bytes of all other bodies once they are uncompressed: lists of changed files, file checksums.</summary>
    public const long MaxQuestionBytes = 64L * 1024 * 1024;

    /// <summary>Bodies of one account that are being received; others wait.</summary>
    public const int UploadsPerAccount = 8;

    /// <summary>Large bodies that are worked on at once, each of another account: this bounds memory, whoever sends them.</summary>
    public const int ConcurrentWork = 2;

    /// <summary>Bytes, uncompressed, up to which a body is a small one: it does not wait for large ones.</summary>
    public const int SmallBody = 1024 * 1024;

    /// <summary>Small bodies that are worked on at once.</summary>
    public const int ConcurrentSmallWork = 8;

    /// <summary>Small bodies of one account that are worked on at once.</summary>
    public const int SmallWorkPerAccount = 2;

    /// <summary>Answers that are worked out at once: searches, selections, lists.</summary>
    public const int ConcurrentQuestions = 6;

    /// <summary>Answers for one account that are worked out at once.</summary>
    public const int QuestionsPerAccount = 2;

    /// <summary>Answers for one account that are worked out or being sent.</summary>
    public const int AnswersPerAccount = 8;

    /// <summary>How long a query of the database may take; longer ones are broken off.</summary>
    public static readonly TimeSpan MaxQueryTime = TimeSpan.FromSeconds(10);

    /// <summary>Rows that are written in one transaction: others write in between.</summary>
    public const int RowsAtOnce = 5_000;

    /// <summary>Cases of one report (step and report name), repeats included.</summary>
    public const int MaxCasesPerReport = 500_000;

    /// <summary>Characters of names: tests, classes, suites, files, and the ids of the query.</summary>
    public const int MaxName = 1024;

    /// <summary>Characters of a failure's message and type.</summary>
    public const int MaxMessage = 8 * 1024;

    /// <summary>Characters of a failure's description, and of what a test wrote.</summary>
    public const int MaxText = 64 * 1024;

    /// <summary>Items on a page; more are not given at once.</summary>
    public const int MaxPageSize = 1000;

    /// <summary>Characters of a search term.</summary>
    public const int MaxTerm = 100;

    /// <summary>Terms of one search.</summary>
    public const int MaxTerms = 16;

    /// <summary>Bytes in memory of the texts on a page (messages, descriptions, output); later ones are left out.</summary>
    public const int MaxPageText = 8 * 1024 * 1024;

    /// <summary>Items on a page unless the query says otherwise (sheet §7).</summary>
    public const int DefaultPageSize = 10;

    /// <summary>Bytes of call graphs kept in memory; others are read when they are asked for.</summary>
    public const long GraphCacheBytes = 256L * 1024 * 1024;

    /// <summary>Tests of one branch.</summary>
    public const int MaxTests = 1_000_000;

    /// <summary>Files and classes of one branch.</summary>
    public const int MaxUnits = 1_000_000;

    /// <summary>Methods and tests of one call graph as it is uploaded.</summary>
    public const int MaxNodes = 5_000_000;

    /// <summary>Relations between tests and files of one upload: what is in memory while it is worked on.</summary>
    public const int MaxRelations = 40_000_000;

    /// <summary>Changed files of one selection; more select everything.</summary>
    public const int MaxChangedFiles = 20_000;

    /// <summary>Tests of one report, or of the branches of a selection, that are kept as failed; with more of them everything runs.</summary>
    public const int MaxFailedTests = 10_000;

    /// <summary>Globs of one selection.</summary>
    public const int MaxGlobs = 200;

    /// <summary>Characters of a glob.</summary>
    public const int MaxGlob = 1024;

    /// <summary>Steps of one selection, about ten nanoseconds each: names compared, globs tried. More select everything.</summary>
    public const long MaxSelectionWork = 50_000_000;

    /// <summary>Integration tests (file and service) on record for one repository.</summary>
    public const int MaxIntegrationTests = 50_000;

    /// <summary>Versions of repositories that one integration test reaches.</summary>
    public const int MaxVersions = 200;
}
