namespace Gatehouse.Contracts;

/// <summary>Path templates, relative to the host. <c>{x}</c> is a route value.</summary>
public static class Routes
{
    /// <summary>The delegate protocol, on the agent listener (protocol sheet §5.2, §5.8, §7.2).</summary>
    public static class Agent
    {
#pragma warning disable CS1591 // One line each: the names are the documentation.
        public const string Register = "/api/agent/delegates/register";
        public const string Unregister = "/api/agent/delegates/unregister";
        public const string Heartbeat = "/api/agent/delegates/heartbeat-with-polling";
        public const string TaskEvents = "/api/agent/delegates/{delegateId}/task-events";
        public const string Acquire = "/api/agent/v2/delegates/{delegateId}/tasks/{taskId}/acquire";
        public const string TaskResponse = "/api/agent/v2/tasks/{taskId}/delegates/{delegateId}";
        public const string RunnerResponse = "/api/executions/{taskId}/response";
        public const string RunnerTaskResponse = "/api/executions/{taskId}/task-response";
        public const string Capacity = "/api/agent/delegates/register-delegate-capacity/{delegateId}";
        public const string Configuration = "/api/agent/delegates/configuration";
        public const string Profile = "/api/agent/delegates/{delegateId}/profile";
        public const string LoggingToken = "/api/agent/delegates/logging-token";
        public const string ConnectionHeartbeat = "/api/agent/delegates/connectionHeartbeat/{delegateId}";
        public const string AccountStatus = "/api/account/{accountId}/status";
        public const string VersionDelegate = "/api/version/delegate";
        public const string VersionWatcher = "/api/version/watcher";
        public const string UpgradeCheckDelegateV2 = "/api/upgrade-check/delegate-v2";
        public const string UpgradeCheckDelegate = "/api/upgrade-check/delegate";
        public const string UpgradeCheckUpgrader = "/api/upgrade-check/upgrader";
        public const string Stream = "/stream/delegate/{accountId}";
#pragma warning restore CS1591

        /// <summary>
        /// Ours, not the public protocol's: task output as it appears. POST raw bytes with query <c>accountId</c>, <c>delegateId</c> and
        /// <c>offset</c> (position of the first byte in the task's output). Answers <see cref="Protocol.TaskOutputReceipt"/>. The delegate re-sends from <c>nextOffset</c>.
        /// </summary>
        public const string TaskOutput = "/api/agent/gatehouse/tasks/{taskId}/output";
    }

    /// <summary>mTLS endpoint API of the protocol sheet §2, on the operator listener, with the protocol's wrapper.</summary>
    public static class Mtls
    {
        /// <summary>POST, PUT, PATCH, GET, DELETE with query <c>accountId</c> (alias <c>accountIdentifier</c>).</summary>
        public const string Endpoint = "/api/agent/mtls/endpoint";

        /// <summary>GET with query <c>accountId</c> and <c>domainPrefix</c>.</summary>
        public const string CheckAvailability = "/api/agent/mtls/check-availability";
    }

    /// <summary>Admin API on the operator listener; errors are RFC 9457.</summary>
    public static class Operator
    {
        /// <summary>GET → <see cref="ServerView"/>.</summary>
        public const string Server = "/api/v1/server";

        /// <summary>POST <see cref="CreateAccountRequest"/> → 201 <see cref="AccountView"/>; GET (<c>after</c>, <c>limit</c>) → page of them.</summary>
        public const string Accounts = "/api/v1/accounts";

        /// <summary>GET → <see cref="AccountView"/>; DELETE → 204.</summary>
        public const string Account = "/api/v1/accounts/{accountId}";

        /// <summary>POST <see cref="CreateTokenRequest"/> → 201 <see cref="TokenView"/> with its value, once; GET → list without values.</summary>
        public const string Tokens = "/api/v1/accounts/{accountId}/tokens";

        /// <summary>POST → <see cref="TokenView"/>; revokes at once.</summary>
        public const string RevokeToken = "/api/v1/accounts/{accountId}/tokens/{name}/revoke";

        /// <summary>GET → list of <see cref="DelegateView"/>.</summary>
        public const string Delegates = "/api/v1/accounts/{accountId}/delegates";

        /// <summary>GET → <see cref="ReadinessView"/>: would STRICT block anyone?</summary>
        public const string Readiness = "/api/v1/accounts/{accountId}/mtls/readiness";

        /// <summary>GET → list of <see cref="CrlView"/>; POST one CRL, PEM or DER, whatever content type (<c>force</c> = true) → <see cref="CrlUploadView"/>.</summary>
        public const string Crls = "/api/v1/accounts/{accountId}/mtls/crls";

        /// <summary>DELETE → 204.</summary>
        public const string Crl = "/api/v1/accounts/{accountId}/mtls/crls/{crlId}";

        /// <summary>GET → <see cref="CrlPolicyView"/>; PUT <see cref="SetCrlPolicyRequest"/> → the same.</summary>
        public const string CrlPolicy = "/api/v1/accounts/{accountId}/mtls/crl-policy";

        /// <summary>GET → list of <see cref="DeniedView"/>, oldest first; POST <see cref="DenyRequest"/> → 201 <see cref="DeniedView"/>, 200 when it is denied already.</summary>
        public const string Denied = "/api/v1/accounts/{accountId}/mtls/denied";

        /// <summary>DELETE → 204.</summary>
        public const string DeniedEntry = "/api/v1/accounts/{accountId}/mtls/denied/{entryId}";

        /// <summary>GET (<c>after</c> = sequence, <c>limit</c>) → list of <see cref="RefusalView"/> of one account.</summary>
        public const string AccountRefusals = "/api/v1/accounts/{accountId}/refusals";

        /// <summary>GET (<c>after</c>, <c>limit</c>) → list of <see cref="RefusalView"/>, those without an account included.</summary>
        public const string Refusals = "/api/v1/refusals";

        /// <summary>GET → list of <see cref="FlagView"/>.</summary>
        public const string Flags = "/api/v1/accounts/{accountId}/flags";

        /// <summary>PUT <see cref="SetFlagRequest"/> → <see cref="FlagView"/>.</summary>
        public const string Flag = "/api/v1/accounts/{accountId}/flags/{flag}";

        /// <summary>POST <see cref="RunTaskRequest"/> → 202 <see cref="TaskView"/>; GET → the newest 100.</summary>
        public const string Tasks = "/api/v1/accounts/{accountId}/tasks";

        /// <summary>GET → <see cref="TaskView"/>.</summary>
        public const string Task = "/api/v1/accounts/{accountId}/tasks/{taskId}";

        /// <summary>POST → <see cref="TaskView"/>; a queued task ends, a running one is told to.</summary>
        public const string AbortTask = "/api/v1/accounts/{accountId}/tasks/{taskId}/abort";

        /// <summary>GET (<c>from</c> = byte offset) → raw bytes, chunked, as they appear, until the task ends.</summary>
        public const string TaskOutput = "/api/v1/accounts/{accountId}/tasks/{taskId}/output";

        /// <summary>
        /// GET (<c>key</c>, <c>from</c> = number of the first line wanted, <c>follow</c> = true) → the log's lines as JSON objects, one a line; the last is
        /// <c>{"end":"closed"}</c>, or <c>{"end":"open"}</c> when it is still being written.
        /// </summary>
        public const string Log = "/api/v1/accounts/{accountId}/logs";

        /// <summary>GET (<c>prefix</c>) → a zip of the kept logs whose key begins with it.</summary>
        public const string LogsZip = "/api/v1/accounts/{accountId}/logs/zip";

        /// <summary>GET (<c>orgId</c>, <c>projectId</c>, <c>pipelineId</c>, <c>buildId</c>, and as filters <c>stageId</c>, <c>stepId</c>, <c>report</c>) → <see cref="TestIntelligence.ReportSummary"/>.</summary>
        public const string TestSummary = "/api/v1/accounts/{accountId}/ti/summary";

        /// <summary>GET (as <see cref="TestSummary"/>, and <c>status=failed</c>, <c>testCaseSearchTerm</c>, <c>pageIndex</c>, <c>pageSize</c>) → <see cref="TestIntelligence.TestCases"/>.</summary>
        public const string TestCases = "/api/v1/accounts/{accountId}/ti/tests";

        /// <summary>GET (as <see cref="TestSummary"/>) → <see cref="TestIntelligence.SelectionOverview"/>.</summary>
        public const string TestOverview = "/api/v1/accounts/{accountId}/ti/overview";

        /// <summary>
        /// Tests in quarantine (<c>orgId</c>, <c>projectId</c>, <c>repo</c>). GET → <see cref="TestIntelligence.QuarantinedTests"/>. PUT (<c>class</c>, <c>test</c>,
        /// <c>reason</c>): into it until it is taken out. DELETE (<c>class</c>, <c>test</c>): out of it, also one that was found to be flaky. Both answer with the list.
        /// </summary>
        public const string TestQuarantine = "/api/v1/accounts/{accountId}/ti/quarantine";

        /// <summary>GET (<c>account</c>, <c>after</c> = sequence, <c>limit</c>) → list of <see cref="AuditEntryView"/>, oldest first.</summary>
        public const string Audit = "/api/v1/audit";

        /// <summary>GET → <see cref="AuditVerification"/>.</summary>
        public const string VerifyAudit = "/api/v1/audit/verify";
    }
}
