using System.CommandLine;
using Gatehouse.Fuzz;

var minutes = new Option<double>("--minutes") { Description = "Time for each target.", DefaultValueFactory = _ => 1 };
var target = new Option<string[]>("--target") { Description = "Only these; all when left out.", AllowMultipleArgumentsPerToken = true };
var seed = new Option<int>("--seed") { Description = "Of the random changes.", DefaultValueFactory = _ => Random.Shared.Next() };
var repository = new Option<string>("--repository") { Description = "The checkout, which has the corpus.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var keep = new Option<bool>("--keep") { Description = "Write what is new into the corpus." };
var root = new RootCommand("Coverage-guided fuzzing of all that reads a peer's bytes. Run it by ./bench fuzz, which instruments what it needs.") { minutes, target, seed, repository, keep };
root.SetAction(result => FuzzCommand.Run(
    TimeSpan.FromMinutes(result.GetValue(minutes)), result.GetValue(target) ?? [], result.GetValue(seed), result.GetRequiredValue(repository), result.GetValue(keep)));
return root.Parse(args).Invoke();
