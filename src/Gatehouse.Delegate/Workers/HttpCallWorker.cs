using System.Text;
using System.Text.Json;
using Gatehouse.Client;
using Gatehouse.Contracts;
using Gatehouse.Contracts.Tasks;

namespace Gatehouse.Delegate;

/// <summary><c>worker http-call</c>: reads <see cref="HttpCallOrder"/> on stdin, makes the call, writes <see cref="HttpCallResult"/> on stdout.</summary>
internal static class HttpCallWorker
{
    private const int MaxBodyBytes = 64 * 1024;
    private const int MaxHeaders = 100;

    internal static async Task<int> RunAsync(Stream input, Stream output, CancellationToken cancel)
    {
        HttpCallOrder? order;
        try
        {
            order = await JsonSerializer.DeserializeAsync(input, WorkerJson.Default.HttpCallOrder, cancel);
        }
        catch (JsonException)
        {
            order = null;
        }

        if (order is null)
            return ExitCode.WrongUse;
        var result = await CallAsync(order, cancel);
        await JsonSerializer.SerializeAsync(output, result, ContractsJson.Default.HttpCallResult, cancel);
        return ExitCode.Done;
    }

    private static async Task<HttpCallResult> CallAsync(HttpCallOrder order, CancellationToken cancel)
    {
        var call = order.Call;
        if (!Uri.TryCreate(call.Url, UriKind.Absolute, out var address))
            return new HttpCallResult(null, Error: $"“{call.Url}” is not an address.");
        using var http = new AgentHttp(new AgentHttpOptions
        {
            Trust = ServerTrust.OfPem(order.RootsPem, order.CaBundleDirectory),
            Proxy = order.Proxy is null ? null : new OutboundProxy(new Uri(order.Proxy), new ProxyBypass(order.Bypass)),
        });
        try
        {
            using var request = NewRequest(call, address);
            return await http.UseAsync(async invoker =>
            {
                using var response = await invoker.SendAsync(request, cancel);
                var body = await ReadBodyAsync(response, cancel);
                var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Take(MaxHeaders)
                    .GroupBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(group => group.Key, group => string.Join(", ", group.Select(header => header.Value.ToString())));
                return new HttpCallResult((int)response.StatusCode, headers, body);
            });
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or NotSupportedException)
        {
            return new HttpCallResult(null, Error: $"The call to {call.Url} cannot be made: {failure.Message}");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            var fault = ConnectionFaults.Explain(failure, address, null);
            return new HttpCallResult(null, Error: $"{fault.Message} {fault.NextStep}");
        }
    }

    private static HttpRequestMessage NewRequest(HttpCallTask call, Uri address)
    {
        var request = new HttpRequestMessage(new HttpMethod(string.IsNullOrEmpty(call.Method) ? "GET" : call.Method.ToUpperInvariant()), address);
        if (call.Body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(call.Body));
        foreach (var (name, value) in call.Headers ?? new Dictionary<string, string>())
        {
            if (!request.Headers.TryAddWithoutValidation(name, value) && request.Content is { } content)
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    private static async Task<string> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var buffer = new byte[MaxBodyBytes];
        using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
