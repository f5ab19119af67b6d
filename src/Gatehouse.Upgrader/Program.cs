using Gatehouse.Upgrader;

return args switch
{
    ["--help"] or ["-h"] or ["help"] or ["run", "--help"] or ["run", "-h"] => Help.Write(Console.Out),
    ["--version"] => Help.WriteVersion(Console.Out),
    ["run", .. var rest] => Arguments.Parse(rest) is var (arguments, wrong) && arguments is null
        ? Help.WrongUse(Console.Error, wrong!)
        : await RunCommand.ExecuteAsync(arguments!, Environment.GetEnvironmentVariable, Console.Out, Console.Error),
    _ => Help.WrongUse(Console.Error, $"'{string.Join(' ', args)}' is not a command of the upgrader"),
};
