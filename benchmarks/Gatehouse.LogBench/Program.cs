using Gatehouse.LogBench;

if (args is ["serve", var folder])
{
    await ServiceProcess.ServeAsync(folder);
    return 0;
}
var data = Directory.CreateTempSubdirectory("gatehouse-log-bench-").FullName;
try
{
    return await LogRun.RunAsync(BenchPlan.Of(args.Contains("--quick")), data, args is [.., "--write", var repository] ? repository : null);
}
finally
{
    Directory.Delete(data, recursive: true);
}
