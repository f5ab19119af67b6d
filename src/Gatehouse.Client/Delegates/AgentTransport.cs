using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gatehouse.Contracts;

namespace Gatehouse.Client;

/// <summary>One exchange with the manager: credential and headers on, body read under a bound, everything that is no success turned into one of two exceptions.</summary>
internal sealed class AgentTransport(AgentHttp http, ManagerAddress manager, DelegateCredential credential, string accountId, string product, TimeProvider time)
{
    /// <summary>A package may hold a script of <see cref="Limits.MaxRequestBodyBytes"/>, escaped.</summary>
    private const int MaxAnswerBytes = 3 * Limits.MaxRequestBodyBytes;

    private const int MaxErrorBytes = 64 * 1024;

    internal ManagerAddress Manager => manager;

    internal DelegateCredential Credential => credential;

    internal string AccountId => accountId;

    /// <summary>The end of the certificate shown, for sentences; null without one.</summary>
    internal LoadedIdentity? Identity => http.Identity;

    /// <summary>What new connections are made with.</summary>
    internal ConnectionMaterial Material => http.Material;

    /// <summary>Sends and reads the answer; default when it is a success without a body.</summary>
    internal Task<T?> SendAsync<T>(HttpMethod method, Uri address, HttpContent? content, string? delegateId, JsonTypeInfo<T> answer, TimeSpan limit, CancellationToken cancel) =>
        ExchangeAsync(method, address, content, delegateId, async (response, token) =>
        {
            var body = await BoundedBody.ReadAsync(response, MaxAnswerBytes, token);
            return body.Length == 0 ? default : JsonSerializer.Deserialize(body.Span, answer);
        }, limit, cancel);

    /// <summary>Sends and takes any success for an answer.</summary>
    internal Task SendAsync(HttpMethod method, Uri address, HttpContent? content, string? delegateId, TimeSpan limit, CancellationToken cancel) =>
        ExchangeAsync(method, address, content, delegateId, static (_, _) => Task.FromResult(true), limit, cancel);

    /// <summary>Sends under the limit and hands a successful answer to <paramref name="read"/>.</summary>
    /// <exception cref="RequestRefusedException">The answer is not a success.</exception>
    /// <exception cref="ConnectionFailedException">There is no answer, or it cannot be read.</exception>
    internal async Task<T> ExchangeAsync<T>(
        HttpMethod method, Uri address, HttpContent? content, string? delegateId, Func<HttpResponseMessage, CancellationToken, Task<T>> read, TimeSpan limit,
        CancellationToken cancel, Action<HttpRequestMessage>? prepare = null)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        var identity = Identity;
        using var request = NewRequest(method, address, content, delegateId);
        prepare?.Invoke(request);
        try
        {
            return await http.UseAsync(async invoker =>
            {
                var response = await invoker.SendAsync(request, both.Token);
                var keep = false;
                try
                {
                    if (response.Headers.Date is { } date)
                        credential.ObserveManagerClock(date);
                    if (!response.IsSuccessStatusCode && response.StatusCode != System.Net.HttpStatusCode.SwitchingProtocols)
                        throw RefusalReader.Read(response.StatusCode, response.Headers, (await ReadErrorAsync(response, both.Token)).Span);
                    var result = await read(response, both.Token);

                    // An upgraded connection lives in its response.
                    keep = response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols;
                    return result;
                }
                finally
                {
                    if (!keep)
                        response.Dispose();
                }
            });
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (JsonException failure)
        {
            throw new ConnectionFailedException(
                ConnectionFaultKind.Interrupted, $"The answer of {manager} to {method} {address.AbsolutePath} is not what the delegate protocol says.",
                $"Check that {manager} is a manager.", failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            throw ConnectionFaults.Explain(failure, address, identity);
        }
    }

    private HttpRequestMessage NewRequest(HttpMethod method, Uri address, HttpContent? content, string? delegateId)
    {
        var request = new HttpRequestMessage(method, address) { Content = content, Version = System.Net.HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Authorization = new AuthenticationHeaderValue("Delegate", credential.Get());
        request.Headers.TryAddWithoutValidation("accountId", accountId);
        request.Headers.TryAddWithoutValidation("delegateId", delegateId ?? "Unregistered");
        request.Headers.TryAddWithoutValidation("User-Agent", product);
        return request;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await BoundedBody.ReadAsync(response, MaxErrorBytes, cancel);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // The status and headers are an answer by themselves.
            return default;
        }
    }
}
