using System.CommandLine;
using Gatehouse.Soak;

var minutes = new Option<double>("--minutes") { Description = "Time under load.", DefaultValueFactory = _ => 30 };
var seed = new Option<int>("--seed") { Description = "Of the random choices.", DefaultValueFactory = _ => Random.Shared.Next() };
var native = new Option<bool>("--check-native") { Description = "Run the server with the C library's heap checks." };
var write = new Option<bool>("--write") { Description = "Also write the result into docs/soak.md." };
var delivery = new Option<double>("--delivery") { Description = "Seconds that the machine may take to bring the end of a connection to its client.", DefaultValueFactory = _ => 0.5 };
var settings = new Option<string[]>("--set") { Description = "A setting of the server, for example agent.refusal=alert; may be repeated.", DefaultValueFactory = _ => [] };
var repository = new Option<string>("--repository") { Description = "The checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var server = new Option<string?>("--server") { Description = "Gatehouse.Server.dll; the one built beside this program when left out." };
var root = new RootCommand("Clients by the hundred, killed at random, while trust changes every second; an oracle checks each verdict. Run it by ./bench soak.")
{
    minutes, seed, native, delivery, settings, write, repository, server,
};
root.SetAction((result, cancellation) => SoakCommand.RunAsync(
    new SoakPlan
    {
        Duration = TimeSpan.FromMinutes(result.GetValue(minutes)),
        Seed = result.GetValue(seed),
        CheckNative = result.GetValue(native),
        Delivery = TimeSpan.FromSeconds(result.GetValue(delivery)),
        Settings = SettingsOf(result.GetRequiredValue(settings)),
    },
    result.GetValue(write), result.GetRequiredValue(repository), result.GetValue(server), cancellation));
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

static Dictionary<string, string> SettingsOf(string[] texts) => texts.Select(text => text.Split('=', 2)).ToDictionary(
    pair => pair[0], pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"--set takes NAME=VALUE, not '{pair[0]}'."), StringComparer.OrdinalIgnoreCase);
