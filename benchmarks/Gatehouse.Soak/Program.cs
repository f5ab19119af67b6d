using System.CommandLine;
using Gatehouse.Soak;

var minutes = new Option<double>("--minutes") { Description = "Time under load.", DefaultValueFactory = _ => 30 };
var seed = new Option<int>("--seed") { Description = "Of the random choices.", DefaultValueFactory = _ => Random.Shared.Next() };
var native = new Option<bool>("--check-native") { Description = "Run the server with the C library's heap checks." };
var write = new Option<bool>("--write") { Description = "Also write the result into docs/soak.md." };
var repository = new Option<string>("--repository") { Description = "The checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var server = new Option<string?>("--server") { Description = "Gatehouse.Server.dll; the one built beside this program when left out." };
var root = new RootCommand("Clients by the hundred, killed at random, while trust changes every second; an oracle checks each verdict. Run it by ./bench soak.")
{
    minutes, seed, native, write, repository, server,
};
root.SetAction((result, cancellation) => SoakCommand.RunAsync(
    new SoakPlan { Duration = TimeSpan.FromMinutes(result.GetValue(minutes)), Seed = result.GetValue(seed), CheckNative = result.GetValue(native) },
    result.GetValue(write), result.GetRequiredValue(repository), result.GetValue(server), cancellation));
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
