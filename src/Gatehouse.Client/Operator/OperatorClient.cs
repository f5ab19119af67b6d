using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;

namespace Gatehouse.Client.Operator;

/// <summary>
/// Typed client of the operator API. Every method throws <see cref="OperatorApiException"/> when the server says no, cannot be reached
/// or answers with something else, and <see cref="OperationCanceledException"/> when the caller cancels. Safe for concurrent use.
/// </summary>
public sealed partial class OperatorClient : IDisposable
{
    private readonly OperatorTransport _transport;

    /// <param name="server">Address of the operator listener, for example <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="apiKey">An operator API key.</param>
    /// <param name="handler">Replaces the network, in tests.</param>
    public OperatorClient(Uri server, string apiKey, HttpMessageHandler? handler = null)
    {
        _transport = new OperatorTransport(server, apiKey, handler);
    }

    /// <summary>What the server is and where its listeners are.</summary>
    public Task<ServerView> GetServerAsync(CancellationToken cancellationToken) =>
        Get(Routes.Operator.Server, ContractsJson.Default.ServerView, cancellationToken);

    /// <summary>Creates an account.</summary>
    public Task<AccountView> CreateAccountAsync(CreateAccountRequest request, CancellationToken cancellationToken) =>
        Post(Routes.Operator.Accounts, request, ContractsJson.Default.CreateAccountRequest, ContractsJson.Default.AccountView, cancellationToken);

    /// <summary>One page of accounts.</summary>
    /// <param name="after"><see cref="Page{T}.Next"/> of the page before; null for the first.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Page<AccountView>> ListAccountsAsync(string? after, int limit, CancellationToken cancellationToken) =>
        Get(Query(Routes.Operator.Accounts, ("after", after), ("limit", Invariant(limit))), ContractsJson.Default.PageAccountView, cancellationToken);

    /// <summary>One account.</summary>
    public Task<AccountView> GetAccountAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Account, accountId), ContractsJson.Default.AccountView, cancellationToken);

    /// <summary>Deletes an account with all that belongs to it.</summary>
    public Task DeleteAccountAsync(string accountId, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Delete, Path(Routes.Operator.Account, accountId), cancellationToken);

    /// <summary>Creates a delegate token; the answer carries its value, this once.</summary>
    public Task<TokenView> CreateTokenAsync(string accountId, CreateTokenRequest request, CancellationToken cancellationToken) =>
        Post(Path(Routes.Operator.Tokens, accountId), request, ContractsJson.Default.CreateTokenRequest, ContractsJson.Default.TokenView, cancellationToken);

    /// <summary>The account's tokens, without values.</summary>
    public Task<IReadOnlyList<TokenView>> ListTokensAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Tokens, accountId), ContractsJson.Default.IReadOnlyListTokenView, cancellationToken);

    /// <summary>Revokes a token, at once.</summary>
    public Task<TokenView> RevokeTokenAsync(string accountId, string name, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Post, Path(Routes.Operator.RevokeToken, accountId, name), ContractsJson.Default.TokenView, body: null, cancellationToken);

    /// <summary>The account's delegates.</summary>
    public Task<IReadOnlyList<DelegateView>> ListDelegatesAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Delegates, accountId), ContractsJson.Default.IReadOnlyListDelegateView, cancellationToken);

    /// <summary>Would STRICT block anyone?</summary>
    public Task<ReadinessView> GetReadinessAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Readiness, accountId), ContractsJson.Default.ReadinessView, cancellationToken);

    /// <summary>Refusals that changed after a sequence, newest first.</summary>
    /// <param name="accountId">Of this account; null for all, those without an account included.</param>
    /// <param name="after">Highest <see cref="RefusalView.Sequence"/> seen; 0 for all.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<RefusalView>> ListRefusalsAsync(string? accountId, long after, int limit, CancellationToken cancellationToken)
    {
        var path = accountId is null ? Routes.Operator.Refusals : Path(Routes.Operator.AccountRefusals, accountId);
        return Get(Query(path, ("after", Invariant(after)), ("limit", Invariant(limit))), ContractsJson.Default.IReadOnlyListRefusalView, cancellationToken);
    }

    /// <summary>The account's feature flags.</summary>
    public Task<IReadOnlyList<FlagView>> ListFlagsAsync(string accountId, CancellationToken cancellationToken) =>
        Get(Path(Routes.Operator.Flags, accountId), ContractsJson.Default.IReadOnlyListFlagView, cancellationToken);

    /// <summary>Turns a feature flag on or off.</summary>
    public Task<FlagView> SetFlagAsync(string accountId, string flag, bool on, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            HttpMethod.Put, Path(Routes.Operator.Flag, accountId, flag), ContractsJson.Default.FlagView,
            JsonContent.Create(new SetFlagRequest(on), ContractsJson.Default.SetFlagRequest), cancellationToken);

    /// <summary>Audit entries after a sequence, oldest first.</summary>
    /// <param name="accountId">Of this account; null for all.</param>
    /// <param name="after">Sequence of the last one known; 0 from the beginning.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<AuditEntryView>> ListAuditAsync(string? accountId, long after, int limit, CancellationToken cancellationToken) =>
        Get(
            Query(Routes.Operator.Audit, ("account", accountId), ("after", Invariant(after)), ("limit", Invariant(limit))),
            ContractsJson.Default.IReadOnlyListAuditEntryView, cancellationToken);

    /// <summary>Is the audit log whole?</summary>
    public Task<AuditVerification> VerifyAuditAsync(CancellationToken cancellationToken) =>
        Get(Routes.Operator.VerifyAudit, ContractsJson.Default.AuditVerification, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private Task<T> Get<T>(string path, JsonTypeInfo<T> answer, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Get, path, answer, body: null, cancellationToken);

    private Task<TAnswer> Post<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answer, CancellationToken cancellationToken) =>
        _transport.SendAsync(HttpMethod.Post, path, answer, JsonContent.Create(body, bodyType), cancellationToken);
}
