using Gatehouse.Contracts.Protocol;
using Gatehouse.Manager.Protocol;

namespace Gatehouse.Manager.Delegates;

/// <summary>What a registration may say, and how much of it: a delegate cannot make the server grow at will.</summary>
internal static class RegisterRules
{
    private const int MaxNameLength = 256;
    private const int MaxTextLength = 1024;
    private const int MaxTags = 64;
    private const int MaxTagLength = 128;
    private const int MaxTaskTypes = 512;

    public static Outcome<DelegateFacts> FactsOf(DelegateParams body)
    {
        if (Blank(body.HostName))
            return Invalid("The registration has no hostName.");
        if (body.Ng && Blank(body.DelegateName))
            return Invalid("The registration has no delegateName; set DELEGATE_NAME.");
        if (body.Ng && Blank(body.DelegateType))
            return Invalid("The registration has no delegateType, for example DOCKER or KUBERNETES; set DELEGATE_TYPE.");
        (string Field, string? Text, int Most)[] texts =
        [
            ("delegateName", body.DelegateName, MaxNameLength), ("hostName", body.HostName, MaxNameLength), ("ip", body.Ip, MaxNameLength),
            ("delegateType", body.DelegateType, MaxNameLength), ("version", body.Version, MaxNameLength), ("delegateGroupName", body.DelegateGroupName, MaxNameLength),
            ("delegateProfileId", body.DelegateProfileId, MaxNameLength), ("description", body.Description, MaxTextLength),
        ];
        foreach (var (field, text, most) in texts)
        {
            if (text is not null && (text.Length > most || text.Any(char.IsControl)))
                return Invalid($"The registration's {field} is longer than {most} characters or has control characters.");
        }
        if (Check(body.Tags, "tags", MaxTags, MaxTagLength) is { } tags)
            return tags;
        if (Check(body.SupportedTaskTypes, "supportedTaskTypes", MaxTaskTypes, MaxTagLength) is { } types)
            return types;
        return new DelegateFacts
        {
            Name = Blank(body.DelegateName) ? body.HostName!.Trim() : body.DelegateName!.Trim(),
            HostName = body.HostName!.Trim(),
            Ip = body.Ip,
            Type = body.DelegateType,
            Version = body.Version,
            Description = body.Description,
            GroupName = body.DelegateGroupName,
            ProfileId = body.DelegateProfileId,
            Ng = body.Ng,
            Immutable = body.Immutable,
            Tags = [.. body.Tags ?? []],
            TaskTypes = [.. body.SupportedTaskTypes ?? []],
        };
    }

    private static Fault? Check(IReadOnlyList<string>? list, string field, int most, int length)
    {
        if (list is null)
            return null;
        if (list.Count > most)
            return Invalid($"The registration has {list.Count} {field}; {most} is the limit.");
        return list.Any(text => text is null || text.Length > length || text.Any(char.IsControl))
            ? Invalid($"One of the registration's {field} is null, longer than {length} characters, or has control characters.")
            : null;
    }

    private static bool Blank(string? text) => string.IsNullOrWhiteSpace(text);

    private static Fault Invalid(string message) => Fault.Of(ProtocolErrorCode.InvalidRequest, message);
}
