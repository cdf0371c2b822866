using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Marketplace.Api;

/// <summary>What may be typed after the program's name, and how it says what it does not understand.</summary>
static class Shell
{
    /// <summary>The exit code for words that are not understood.</summary>
    public const int NotUnderstood = 2;

    public const string Usage =
        """
        Marketplace 科技大市场

        Marketplace.Api [--Section:Key=value …]          运行市场；设置见 README / run the market; the README lists the settings
          import demands|achievements|parties FILE       导入 NDJSON 或 CSV / load NDJSON or CSV
          backup FILE                                    运行中备份 SQLite 数据库并核验 / copy the SQLite database while it is in use, and verify the copy
          verify                                         核验全部事件、账目、申领与合同 / hold all events, ledgers, claims and contracts against what was recorded
          dossier verify FILE                            离线核验合同档案 / check a contract's dossier without the market
          policies check FILE|DIRECTORY                  检查政策文件 / check policy documents
          help, --version

        """;

    public static string Version =>
        $"Marketplace {typeof(Shell).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion} ({RuntimeInformation.FrameworkDescription})";

    /// <summary>The first word that is no setting: settings are <c>--Key=value</c>, <c>--Key value</c>, and the same with a slash or without a sign.</summary>
    /// <returns>Null where all are settings.</returns>
    public static string? Unknown(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var (word, isKey) = (arguments[i], arguments[i] is ['-', '-', ..] or ['/', ..]);
            if (word.IndexOf('=', StringComparison.Ordinal) > 0)
            {
                continue;
            }

            if (!isKey || i + 1 == arguments.Count)
            {
                return word;
            }

            i++;
        }

        return null;
    }

    /// <summary>What an operator can mend without reading code, in one line; null for a fault of the program.</summary>
    public static string? OneLine(Exception error) => error switch
    {
        StartupException => error.Message,
        // Services start side by side, and more than one may fail for the same reason.
        AggregateException { InnerExceptions: [var first, ..] } => OneLine(first),
        IOException { InnerException: AddressInUseException } => $"{error.Message} Stop what listens there, or name another address: --Urls=http://localhost:5081",
        _ => null,
    };
}
