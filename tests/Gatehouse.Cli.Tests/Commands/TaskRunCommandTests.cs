using Gatehouse.Cli.Commands;

namespace Gatehouse.Cli.Tests.Commands;

public sealed class TaskRunCommandTests
{
    [Fact]
    public void ScriptText_OneWord_IsTheScript() => Assert.Equal("echo hello; uname -a", TaskRunCommand.ScriptText(["echo hello; uname -a"]));

    [Fact]
    public void ScriptText_SeveralWords_StayTheWordsTheyWere() =>
        Assert.Equal("""ls -la 'my file' '$HOME' 'it'\''s' ''""", TaskRunCommand.ScriptText(["ls", "-la", "my file", "$HOME", "it's", ""]));
}
