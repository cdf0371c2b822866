namespace Marketplace.Api;

/// <summary>
/// A path as it was typed: <c>dotnet run --project</c> starts the program in the project's folder, while a person who types a path means the
/// folder that the shell is in.
/// </summary>
static class ShellPath
{
    public static string Of(string path) => Of(path, Environment.GetEnvironmentVariable("PWD"));

    /// <param name="path">From the command line.</param>
    /// <param name="shell">The shell's folder; null where none is told.</param>
    public static string Of(string path, string? shell) =>
        !Path.Exists(path) && shell is { Length: > 0 } && Path.Combine(shell, path) is var meant && Path.Exists(meant) ? meant : path;

    /// <summary>The path of a file that is to be made.</summary>
    public static string OfNew(string path) => OfNew(path, Environment.GetEnvironmentVariable("PWD"));

    /// <inheritdoc cref="Of(string, string?)"/>
    public static string OfNew(string path, string? shell) => Directory.Exists(shell) ? Path.Combine(shell, path) : path;
}
