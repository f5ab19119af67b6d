namespace Gatehouse.TestIntelligence.Storage;

/// <summary>The tables, step by step; the database's <c>user_version</c> counts the steps it has taken. A step that was released is never changed.</summary>
internal static class TiSchema
{
    public static IReadOnlyList<string> Steps { get; } = [Reports, Graphs, SkipLists, Timing, Insights, Parts, Quarantine, Answers, Failures];

    /// <summary>
    /// A repository is an account's, within organisation and project. A test is known by suite, class and name for as long as it is reported; a report is what one
    /// step wrote under one name, and repeats add to it.
    /// </summary>
    private const string Reports = """
        CREATE TABLE repository (
            id INTEGER PRIMARY KEY, account TEXT NOT NULL, org TEXT NOT NULL, project TEXT NOT NULL, url TEXT NOT NULL,
            UNIQUE (account, org, project, url));
        CREATE TABLE test (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
            suite TEXT NOT NULL, class TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL,
            last_status TEXT NOT NULL DEFAULT '', last_sha TEXT NOT NULL DEFAULT '', flaky_at INTEGER, seen_at INTEGER NOT NULL,
            UNIQUE (repository, suite, class, name));
        CREATE INDEX test_seen ON test (seen_at);
        CREATE INDEX test_flaky ON test (repository, flaky_at) WHERE flaky_at IS NOT NULL;
        CREATE TABLE report (
            id INTEGER PRIMARY KEY, account TEXT NOT NULL, org TEXT NOT NULL, project TEXT NOT NULL, pipeline TEXT NOT NULL, build TEXT NOT NULL,
            stage TEXT NOT NULL, step TEXT NOT NULL, name TEXT NOT NULL, repository INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
            sha TEXT NOT NULL, commit_link TEXT NOT NULL, cases INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            UNIQUE (account, org, project, pipeline, build, stage, step, name));
        CREATE INDEX report_updated ON report (updated_at);
        CREATE TABLE test_case (
            id INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES report ON DELETE CASCADE, test INTEGER NOT NULL REFERENCES test ON DELETE CASCADE,
            status TEXT NOT NULL, duration_ms INTEGER NOT NULL, flaky INTEGER NOT NULL, message TEXT, type TEXT, description TEXT, stdout TEXT, stderr TEXT);
        CREATE INDEX test_case_report ON test_case (report, test);
        CREATE INDEX test_case_test ON test_case (test);
        """;

    /// <summary>
    /// A branch's call graph is one value: it is read and written as a whole. Which steps it covers, and up to which commit, are told beside it. What a step was told to
    /// run is kept until its graph arrives, which says how complete that is.
    /// </summary>
    private const string Graphs = """
        CREATE TABLE call_graph (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE, branch TEXT NOT NULL,
            version INTEGER NOT NULL, tests INTEGER NOT NULL, units INTEGER NOT NULL, graph BLOB NOT NULL, updated_at INTEGER NOT NULL,
            UNIQUE (repository, branch));
        CREATE INDEX call_graph_updated ON call_graph (updated_at);
        CREATE TABLE graph_step (
            graph INTEGER NOT NULL REFERENCES call_graph ON DELETE CASCADE, pipeline TEXT NOT NULL, stage TEXT NOT NULL, step TEXT NOT NULL,
            is_complete INTEGER NOT NULL, good_sha TEXT NOT NULL, PRIMARY KEY (graph, pipeline, stage, step)) WITHOUT ROWID;
        CREATE TABLE selection (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE, account TEXT NOT NULL, org TEXT NOT NULL, project TEXT NOT NULL,
            pipeline TEXT NOT NULL, build TEXT NOT NULL, stage TEXT NOT NULL, step TEXT NOT NULL, sha TEXT NOT NULL, source_branch TEXT NOT NULL, target_branch TEXT NOT NULL,
            is_all INTEGER NOT NULL, total INTEGER NOT NULL, selected INTEGER NOT NULL, new_tests INTEGER NOT NULL, updated_tests INTEGER NOT NULL, source_code INTEGER NOT NULL,
            previous_failures INTEGER NOT NULL, deleted_files TEXT NOT NULL, created_at INTEGER NOT NULL,
            UNIQUE (account, org, project, pipeline, build, stage, step));
        CREATE INDEX selection_created ON selection (created_at);
        """;

    /// <summary>What runs left on record for a repository and an execution context; one value, as a call graph is.</summary>
    private const string SkipLists = """
        CREATE TABLE skip_list (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE, context TEXT NOT NULL,
            version INTEGER NOT NULL, tests INTEGER NOT NULL, graph BLOB NOT NULL, updated_at INTEGER NOT NULL,
            UNIQUE (repository, context));
        CREATE INDEX skip_list_updated ON skip_list (updated_at);
        """;

    /// <summary>How long files, classes, suites and tests of a pipeline take, and how builds were split by that.</summary>
    private const string Timing = """
        CREATE TABLE pipeline (
            id INTEGER PRIMARY KEY, account TEXT NOT NULL, org TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,
            UNIQUE (account, org, project, name));
        CREATE TABLE duration (
            pipeline INTEGER NOT NULL REFERENCES pipeline ON DELETE CASCADE, kind INTEGER NOT NULL, name TEXT NOT NULL,
            average_ms REAL NOT NULL, last_ms INTEGER NOT NULL, runs INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            PRIMARY KEY (pipeline, kind, name)) WITHOUT ROWID;
        CREATE INDEX duration_updated ON duration (updated_at);
        CREATE TABLE split (
            id INTEGER PRIMARY KEY, pipeline INTEGER NOT NULL REFERENCES pipeline ON DELETE CASCADE, build TEXT NOT NULL, repository TEXT NOT NULL,
            stages TEXT NOT NULL, created_at INTEGER NOT NULL,
            UNIQUE (pipeline, build, repository));
        CREATE INDEX split_created ON split (created_at);
        """;

    /// <summary>On which commits a test was flaky; what features saved; what integration tests reached in which versions of which services.</summary>
    private const string Insights = """
        CREATE TABLE flaky_commit (
            test INTEGER NOT NULL REFERENCES test ON DELETE CASCADE, sha TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (test, sha)) WITHOUT ROWID;
        CREATE INDEX flaky_commit_at ON flaky_commit (at);
        CREATE TABLE saving (
            id INTEGER PRIMARY KEY, account TEXT NOT NULL, org TEXT NOT NULL, project TEXT NOT NULL, pipeline TEXT NOT NULL, build TEXT NOT NULL, stage TEXT NOT NULL,
            step TEXT NOT NULL, feature TEXT NOT NULL, state TEXT NOT NULL, time_ms INTEGER NOT NULL, created_at INTEGER NOT NULL,
            UNIQUE (account, org, project, pipeline, build, stage, step, feature));
        CREATE INDEX saving_created ON saving (created_at);
        CREATE TABLE it_upload (account TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (account, id)) WITHOUT ROWID;
        CREATE TABLE it_test (
            account TEXT NOT NULL, repository TEXT NOT NULL, path TEXT NOT NULL, service TEXT NOT NULL, checksum TEXT NOT NULL, state TEXT NOT NULL,
            sources TEXT NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (account, repository, path, service)) WITHOUT ROWID;
        CREATE INDEX it_test_updated ON it_test (updated_at);
        """;

    /// <summary>
    /// A large upload is a report row of its own, under a name that nobody asks for, and is read by its title once it is whole. Each row says how much room its cases take.
    /// </summary>
    private const string Parts = """
        ALTER TABLE report ADD COLUMN title TEXT NOT NULL DEFAULT '';
        ALTER TABLE report ADD COLUMN is_whole INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE report ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
        UPDATE report SET title = name, bytes = cases * 200;
        CREATE INDEX report_in_parts ON report (is_whole) WHERE is_whole = 0;
        """;

    /// <summary>What operators put into quarantine, and took out of it: then earlier signs of being flaky do not count. And what features say of their parts.</summary>
    private const string Quarantine = """
        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE, class TEXT NOT NULL, name TEXT NOT NULL,
            is_in INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
            UNIQUE (repository, class, name));
        ALTER TABLE saving ADD COLUMN detail TEXT;
        """;

    /// <summary>The durations that the steps of a build were told: those that split tests by them, each by itself, must be told the same.</summary>
    private const string Answers = """
        CREATE TABLE timing_answer (
            pipeline INTEGER NOT NULL REFERENCES pipeline ON DELETE CASCADE, build TEXT NOT NULL, asked TEXT NOT NULL, answer BLOB NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (pipeline, build, asked)) WITHOUT ROWID;
        CREATE INDEX timing_answer_created ON timing_answer (created_at);
        """;

    /// <summary>
    /// Tests that failed when a step last reported them on a branch. <c>build</c> is where; <c>missed</c> counts the builds up to <c>last_build</c> that have reported without them.
    /// </summary>
    private const string Failures = """
        CREATE TABLE failed_test (
            repository INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE, branch TEXT NOT NULL, pipeline TEXT NOT NULL, stage TEXT NOT NULL, step TEXT NOT NULL,
            class TEXT NOT NULL, name TEXT NOT NULL, build TEXT NOT NULL, last_build TEXT NOT NULL, missed INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL,
            PRIMARY KEY (repository, branch, pipeline, stage, step, class, name)) WITHOUT ROWID;
        CREATE INDEX failed_test_at ON failed_test (at);
        """;
}
