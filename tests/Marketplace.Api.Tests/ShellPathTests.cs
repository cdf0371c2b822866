namespace Marketplace.Api.Tests;

/// <summary>What is typed in a shell is meant from where the shell is, wherever the program was started.</summary>
public sealed class ShellPathTests
{
    [Test]
    public void A_path_that_is_not_here_is_looked_for_where_the_shell_is()
    {
        var shell = Directory.CreateTempSubdirectory("shell-");
        try
        {
            var name = $"{Guid.NewGuid():n}.yaml";
            var file = Path.Combine(shell.FullName, name);
            File.WriteAllText(file, "");
            using (Assert.EnterMultipleScope())
            {
                Assert.That(ShellPath.Of(name, shell.FullName), Is.EqualTo(file));
                Assert.That(ShellPath.Of(file, "/nowhere"), Is.EqualTo(file));
                Assert.That(ShellPath.Of("none.yaml", shell.FullName), Is.EqualTo("none.yaml"), "as typed, for the message");
                Assert.That(ShellPath.Of(name, null), Is.EqualTo(name));
                Assert.That(ShellPath.Of(".", shell.FullName), Is.EqualTo("."), "what is here comes first");
            }
        }
        finally
        {
            shell.Delete(recursive: true);
        }
    }
}
