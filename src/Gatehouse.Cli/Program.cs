using System.CommandLine;
using System.CommandLine.Invocation;
using Gatehouse.Cli.Commands;
using Gatehouse.Cli.Output;
using Gatehouse.Cli.Processes;

if (SiblingProgram.TryFind(args, out var sibling))
{
    return await sibling.RunAsync();
}

var root = CommandTree.Build();
// No response files: a script that begins with '@' is a script.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Action is ParseErrorAction)
{
    return WrongUse.Explain(parsed, Terminal.OfProcess());
}

using var signals = new TerminationSignals();
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, signals.Token);
