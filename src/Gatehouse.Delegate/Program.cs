using Gatehouse.Delegate;

return args switch
{
    [] or ["run"] => await RunCommand.ExecuteAsync(),
    ["worker", "http-call"] => await HttpCallWorker.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), CancellationToken.None),
    ["worker", "select-tests"] => await TestWorker.SelectAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), CancellationToken.None),
    ["worker", "report-tests"] => await TestWorker.ReportAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), CancellationToken.None),
    ["--help"] or ["-h"] or ["help"] or ["run", "--help"] or ["run", "-h"] => Help.Write(Console.Out),
    ["--version"] => Help.WriteVersion(Console.Out),
    _ => Help.WrongUse(Console.Error, args),
};
