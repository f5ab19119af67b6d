using Gatehouse.Client;

namespace Gatehouse.Delegate;

/// <summary>
/// Where this delegate finds the log service and the TI service: the one place that decides. What the environment names wins; without it, the
/// services are beside the manager, at the host and port that the delegate came through, so that they are under the same certificate rule.
/// </summary>
/// <param name="Log">Ends with a slash: routes are resolved against it.</param>
/// <param name="Ti">Ends with a slash.</param>
/// <param name="IsLogSet">True when <c>LOG_STREAMING_SERVICE_URL</c> names it.</param>
/// <param name="IsTiSet">True when <c>TI_SERVICE_URL</c> names it.</param>
internal sealed record ServiceAddresses(Uri Log, Uri Ti, bool IsLogSet, bool IsTiSet)
{
    internal const string LogVariable = "LOG_STREAMING_SERVICE_URL";
    internal const string TiVariable = "TI_SERVICE_URL";

    /// <summary>Resolves.</summary>
    /// <param name="env">Where the two variables are; what is wrong with them is told there.</param>
    /// <param name="manager"><c>MANAGER_HOST_AND_PORT</c>, read.</param>
    /// <param name="showsCertificate">The delegate has a client certificate.</param>
    internal static ServiceAddresses Read(EnvironmentReader env, ManagerAddress manager, bool showsCertificate)
    {
        var log = Read(env, LogVariable, showsCertificate);
        var ti = Read(env, TiVariable, showsCertificate);
        return new ServiceAddresses(log ?? Beside(manager, "log-service/"), ti ?? Beside(manager, "ti-service/"), log is not null, ti is not null);
    }

    /// <summary>A service beside the manager, for the names that have no variable of their own.</summary>
    /// <param name="manager">Host, port and path in front.</param>
    /// <param name="path">With the slash at its end, for example <c>sto-service/</c>.</param>
    internal static Uri Beside(ManagerAddress manager, string path) => new($"{manager}/{path}");

    private static Uri? Read(EnvironmentReader env, string name, bool showsCertificate)
    {
        if (env.Optional(name) is not { } text)
            return null;
        if (!ManagerAddress.TryParse(text, out var address, out var problem))
        {
            env.Problem($"{name} is “{EnvironmentReader.WithoutUser(text)}”: it {problem}; or leave it unset.");
            return null;
        }

        if (showsCertificate && !address.IsTls)
        {
            env.Problem($"{name} is {address}, and a client certificate is set: it can be shown over https only.");
            return null;
        }

        return Beside(address, "");
    }
}
