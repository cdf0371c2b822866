using System.Data.Common;
using Marketplace.Api.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Api.Integrity;

/// <summary>
/// <c>backup FILE [--Section:Key=value …]</c>: copies the SQLite database, as it is at one moment, while the market runs, and verifies the copy as
/// <c>verify</c> does. It ends with 0; with 1 when the copy is whole and holds a record that was altered, as the database does; or with 2 when there is no copy.
/// </summary>
static class BackupCommand
{
    const string Usage = "Usage: backup FILE [--Section:Key=value …]";

    /// <param name="arguments">Those after the word <c>backup</c>.</param>
    /// <param name="build">Makes the program of its settings.</param>
    /// <param name="output">For what was done.</param>
    /// <param name="errors">For why there is no copy.</param>
    public static async Task<int> Run(string[] arguments, Func<string[], WebApplication> build, TextWriter output, TextWriter errors)
    {
        if (arguments is not [var typed, .. var settings] || typed.StartsWith('-') || Shell.Unknown(settings) is not null)
        {
            await errors.WriteLineAsync(Usage);
            return Shell.NotUnderstood;
        }

        try
        {
            await using var program = build([.. settings, "--Logging:LogLevel:Default=Warning", "--Logging:Console:LogToStandardErrorThreshold=Trace"]);
            return await Run(program.Services.GetRequiredService<Db>().Dialect, ShellPath.OfNew(typed), output);
        }
        catch (Exception error) when (error is StartupException or DbException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"There is no backup: {error.Message.ReplaceLineEndings(" ")}");
            return 2;
        }
    }

    internal static async Task<int> Run(Dialect dialect, string file, TextWriter output)
    {
        if (Path.Exists(file))
        {
            throw new StartupException($"'{file}' is there already, and no file is overwritten.");
        }

        // Under another name until it is verified, so that what bears the name is a backup.
        var copy = $"{file}.{Path.GetRandomFileName()}";
        try
        {
            var code = await Verify(await dialect.BackUp(copy), output);
            using (var written = new FileStream(copy, FileMode.Open, FileAccess.ReadWrite))
            {
                written.Flush(flushToDisk: true);
            }

            File.Move(copy, file);
            await output.WriteLineAsync($"{Path.GetFullPath(file)}: {new FileInfo(file).Length} bytes");
            return code;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    static async Task<int> Verify(Dialect copy, TextWriter output)
    {
        using (copy)
        {
            await using var db = new Db(copy, NullLoggerFactory.Instance);
            return await VerifyCommand.Run(db, output);
        }
    }
}
