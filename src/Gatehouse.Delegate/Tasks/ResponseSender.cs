using System.Text.Json;
using Gatehouse.Client;
using Gatehouse.Contracts.Protocol;
using Microsoft.Extensions.Logging;

namespace Gatehouse.Delegate;

/// <summary>Delivers a task's answer, however often it takes: the manager counts the first and ignores the rest (protocol sheet §6.4).</summary>
internal sealed partial class ResponseSender(DelegateClient client, RetryPace pace, TimeProvider time, ILogger log)
{
    /// <summary>By then the manager has failed the task as disconnected.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(30);

    /// <summary>Delivers in the shape that the package asked for. True when the manager has it.</summary>
    internal async Task<bool> SendAsync(string delegateId, DelegateTaskPackage package, TaskOutcome outcome, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            TimeSpan pause;
            try
            {
                await SendOnceAsync(delegateId, package, outcome, cancel);
                return true;
            }
            catch (RequestRefusedException refused) when (refused.IsFinal)
            {
                Log.NotWanted(log, package.Id, refused.Message);
                return false;
            }
            catch (Exception failure) when (failure is ConnectionFailedException or RequestRefusedException)
            {
                pause = pace.Next(failure);
                if (time.GetElapsedTime(start) + pause > s_patience)
                {
                    Log.GivenUp(log, package.Id, failure.Message);
                    return false;
                }
            }

            await Task.Delay(pause, time, cancel);
        }
    }

    private Task SendOnceAsync(string delegateId, DelegateTaskPackage package, TaskOutcome outcome, CancellationToken cancel)
    {
        if (package.RunnerResponse)
        {
            return client.RespondAsync(delegateId, package.Id, new RunnerResponse
            {
                Id = package.Id,
                Type = package.Type,
                Code = outcome.IsOk ? "OK" : outcome.TimedOut ? "TIMEOUT" : "FAILED",
                Error = outcome.Error,
                Data = JsonSerializer.SerializeToUtf8Bytes(outcome.Data, Contracts.ContractsJson.Default.JsonElement),
            }, cancel);
        }

        return client.RespondAsync(delegateId, package.Id, new DelegateTaskResponse
        {
            Id = package.Id,
            Type = package.Type,
            Code = outcome.IsOk ? "OK" : "FAILED",
            Data = outcome.Data,
        }, cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(8210, LogLevel.Warning, "Task {TaskId}: its answer is not wanted: {Reason}")]
        public static partial void NotWanted(ILogger log, string taskId, string reason);

        [LoggerMessage(8211, LogLevel.Error, "Task {TaskId}: its answer could not be delivered within 30 minutes and is given up: {Reason}")]
        public static partial void GivenUp(ILogger log, string taskId, string reason);
    }
}
