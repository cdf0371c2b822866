using System.Data.Common;
using Marketplace.Api.Data;

namespace Marketplace.Api.Integrity;

/// <summary>
/// <c>verify [--Section:Key=value …]</c>: holds the whole database against what was recorded, beside a running market or without one, and names
/// each record that was altered, a line each. It ends with 0, with 1 when something is wrong, or with 2 when it could not look.
/// </summary>
static class VerifyCommand
{
    const string Usage = "Usage: verify [--Section:Key=value …]";

    /// <param name="arguments">Those after the word <c>verify</c>.</param>
    /// <param name="build">Makes the program of its settings.</param>
    /// <param name="output">For what is found.</param>
    /// <param name="errors">For why it could not look.</param>
    public static async Task<int> Run(IReadOnlyList<string> arguments, Func<string[], WebApplication> build, TextWriter output, TextWriter errors)
    {
        if (arguments.FirstOrDefault(argument => !argument.StartsWith("--", StringComparison.Ordinal) || !argument.Contains('=', StringComparison.Ordinal)) is { } unknown)
        {
            await errors.WriteLineAsync($"'{unknown}' is not understood. {Usage}");
            return 2;
        }

        try
        {
            await using var program = build([.. arguments, "--Logging:LogLevel:Default=Warning", "--Logging:Console:LogToStandardErrorThreshold=Trace"]);
            return await Run(program.Services.GetRequiredService<Db>(), output);
        }
        catch (Exception error) when (error is StartupException or DbException)
        {
            await errors.WriteLineAsync($"The database cannot be verified: {error.Message}");
            return 2;
        }
    }

    internal static async Task<int> Run(Db db, TextWriter output)
    {
        var report = await Verification.Run(db);
        foreach (var altered in report.Altered)
        {
            await output.WriteLineAsync($"{altered.Record} 有误 / wrong: {altered.Message.Zh} / {altered.Message.En}");
        }

        await output.WriteLineAsync(
            $"{report.Events} 个事件、{report.Funds} 项资金、{report.Claims} 件申领、{report.Contracts} 份合同：{report.Altered.Count} 处有误 / "
            + $"{report.Events} events, {report.Funds} funds, {report.Claims} claims, {report.Contracts} contracts: {report.Altered.Count} faults");
        return report.Altered.Count == 0 ? 0 : 1;
    }
}
