namespace Marketplace.Api;

/// <summary>What stands behind a command that checks something: what it is to check, a directory to check it with, and <c>--json</c>.</summary>
/// <param name="Path">May be missing.</param>
/// <param name="Directory">Exists.</param>
sealed record ShellArguments(string Path, string? Directory, bool AsJson)
{
    /// <param name="arguments">Those after the command's first word.</param>
    /// <param name="verb">The second word, such as <c>check</c>.</param>
    /// <param name="directoryOption">The option that names the directory, such as <c>--sources</c>.</param>
    /// <param name="usage">Printed where something else was typed.</param>
    /// <exception cref="StartupException">It is not the usage, or there is no such directory.</exception>
    public static ShellArguments Read(IReadOnlyList<string> arguments, string verb, string directoryOption, string usage)
    {
        var (words, directory, asJson) = (new List<string>(), (string?)null, false);
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--json":
                    asJson = true;
                    break;
                case var option when option == directoryOption && i + 1 < arguments.Count:
                    directory = ShellPath.Of(arguments[++i]);
                    break;
                case ['-', ..] unknown:
                    throw new StartupException($"'{unknown}' is not understood. {usage}");
                default:
                    words.Add(arguments[i]);
                    break;
            }
        }

        if (words is not [var first, var path] || first != verb)
        {
            throw new StartupException(usage);
        }

        return directory is null || System.IO.Directory.Exists(directory)
            ? new(ShellPath.Of(path), directory, asJson)
            : throw new StartupException($"There is no directory '{directory}'.");
    }
}
