using Gatehouse.Server;

return await ServerProgram.RunAsync(args);
