using System.CommandLine;
using Gatehouse.Load;

var quick = new Option<bool>("--quick") { Description = "Short rounds, for trying: no figures to compare." };
var write = new Option<bool>("--write") { Description = "Also write the figures into docs/performance.md and benchmarks/results/." };
var repository = new Option<string>("--repository") { Description = "The checkout.", DefaultValueFactory = _ => Directory.GetCurrentDirectory() };
var artifacts = new Option<string?>("--artifacts") { Description = "Where the programs were built; <repository>/artifacts when left out." };
var root = new RootCommand("Benchmarks of Gatehouse beside nginx, HAProxy and Caddy. Run it by ./bench, which builds what it needs.");
foreach (var (name, description, scenarios) in BenchRun.Commands)
{
    var command = new Command(name, description) { quick, write, repository, artifacts };
    command.SetAction((result, cancellation) => BenchRun.RunAsync(
        scenarios, $"./bench {name}{(result.GetValue(quick) ? " --quick" : "")}{(result.GetValue(write) ? " --write" : "")}", result.GetValue(quick), result.GetValue(write),
        result.GetRequiredValue(repository), result.GetValue(artifacts), cancellation));
    root.Add(command);
}
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
