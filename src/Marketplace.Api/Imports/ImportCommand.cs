using System.Data.Common;
using System.Globalization;
using Marketplace.Api.Achievements;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Demands;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Imports;

/// <summary>
/// <c>import KIND FILE [--owner ID] [--publish] [--Section:Key=value …]</c>: the same import without a server, or beside a running one.
/// Progress goes to the error stream, rejected lines to the output. It ends with 0, with 2 when lines were rejected, or as a
/// <see cref="StartupException"/> when it could not run.
/// </summary>
sealed class ImportCommand
{
    const string Usage = "Usage: import demands|achievements|parties FILE [--owner pty_…] [--publish] [--Section:Key=value …]";

    static readonly string[] Kinds = ["demands", "achievements", "parties"];

    readonly string _kind;
    readonly string _path;
    readonly string? _owner;
    readonly bool _publish;
    readonly ImportFormat _format;

    /// <param name="arguments">Those after the word <c>import</c>.</param>
    public ImportCommand(IReadOnlyList<string> arguments)
    {
        // What the program logs belongs beside the progress, not among the rejected lines.
        List<string> plain = [], settings = ["--Logging:LogLevel:Default=Warning", "--Logging:Console:LogToStandardErrorThreshold=Trace"];
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--publish":
                    _publish = true;
                    break;
                case "--owner" when i + 1 < arguments.Count:
                    _owner = arguments[++i];
                    break;
                case ['-', '-', ..] setting when setting.Contains(':', StringComparison.Ordinal) && setting.Contains('=', StringComparison.Ordinal):
                    settings.Add(setting);
                    break;
                case ['-', ..] unknown:
                    throw new StartupException($"'{unknown}' is not understood. {Usage}");
                default:
                    plain.Add(arguments[i]);
                    break;
            }
        }

        if (plain is not [var kind, var typed])
        {
            throw new StartupException(Usage);
        }

        var path = ShellPath.Of(typed);

        if (!Kinds.Contains(kind))
        {
            throw new StartupException($"'{kind}' cannot be imported. {Usage}");
        }

        if (kind == "parties" && (_owner is not null || _publish))
        {
            throw new StartupException("Parties have no owner and are not published.");
        }

        if (!File.Exists(path))
        {
            throw new StartupException($"There is no file '{path}'.");
        }

        (_kind, _path, Settings) = (kind, path, settings);
        _format = Path.GetExtension(path).ToLowerInvariant() switch { ".csv" => ImportFormat.Csv, ".xlsx" => ImportFormat.Xlsx, _ => ImportFormat.Ndjson };
    }

    /// <summary>Configuration for the program that the import runs in.</summary>
    public IReadOnlyList<string> Settings { get; }

    public async Task<int> Run(IServiceProvider services, TextWriter output, TextWriter errors, bool onTerminal)
    {
        var (db, clock) = (services.GetRequiredService<Db>(), services.GetRequiredService<TimeProvider>());
        try
        {
            await Migrator.Run(db, clock);
            var target = await Target(db, clock);
            var language = CultureInfo.InstalledUICulture.TwoLetterISOLanguageName == "zh" ? Language.Chinese : Language.English;
            await using var file = File.OpenRead(_path);
            var progress = new ImportProgress(file, errors, onTerminal, TimeProvider.System);
            var lines = _format.Lines(file, _format == ImportFormat.Ndjson ? Charset.Utf8() : Charset.Unstated(), target, CancellationToken.None);
            var summary = await new Import(db, target, language, caller: null, besideServer: true).Run(lines, async (outcomes, summary) =>
            {
                foreach (var rejected in outcomes.Where(outcome => outcome.Outcome == ImportResult.Rejected))
                {
                    await output.WriteLineAsync(Describe(rejected));
                }

                progress.Show(summary);
            }, CancellationToken.None);
            progress.End(summary);
            return summary.Rejected == 0 ? 0 : 2;
        }
        catch (Refusal refusal)
        {
            throw new StartupException(string.Join(" ", refusal.Faults.Select(fault => fault.Detail.En).DefaultIfEmpty(refusal.Detail.En)));
        }
        catch (DbException error) when (db.Dialect.IsUnavailable(error) || db.Dialect.IsRetryable(error))
        {
            throw new StartupException($"The database is away: {error.Message} What was imported stays; run the import again.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"'{_path}' cannot be read: {error.Message}");
        }
    }

    static string Describe(ImportOutcome rejected)
    {
        var faults = rejected.Errors!.Select(error => $"{error.Pointer} {error.Code}: {error.Detail}".TrimStart());
        var name = rejected.ExternalId is null ? "" : $" {rejected.ExternalId}";
        return string.Create(CultureInfo.InvariantCulture, $"{rejected.Line}{name}: {string.Join(" | ", faults)}");
    }

    /// <summary>Acts for the market itself, with the rights of those who may name an owner and publish.</summary>
    async Task<ImportTarget> Target(Db db, TimeProvider clock)
    {
        var market = await db.Write(session => PartySql.EnsureMarket(session, clock));
        var caller = new Caller("shell", market, PartyKind.Government.Code(), "", Environment.UserName, PersonName.Key(Environment.UserName), new HashSet<string> { Roles.Admin, Roles.Moderator });
        return _kind switch
        {
            "parties" => new PartyImport(caller, clock),
            "demands" => new ListingImport<DemandContent>(DemandListings.Kind, await Owner(db, DemandListings.Kind, caller), _publish, caller, clock),
            _ => new ListingImport<AchievementContent>(
                AchievementListings.Kind, await Owner(db, AchievementListings.Kind, caller), _publish, caller, clock),
        };
    }

    /// <summary>
    /// The party that was named; without a name the only one that can own such records, if there is but one. Null where a table's column may name it.
    /// </summary>
    async Task<PartyRow?> Owner(Db db, ListingKind kind, Caller caller)
    {
        if (_owner is not null)
        {
            return await db.Read(session => ListingOwner.Named(session, kind, _owner));
        }

        var candidates = new List<PartyRow>();
        foreach (var owners in kind.Owners)
        {
            candidates.AddRange(await db.Read(session => PartySql.List(session, new() { Kind = owners }, after: null, take: 3)));
        }

        candidates.RemoveAll(party => party.Id == caller.Party);
        return candidates is [var only] ? only : _format != ImportFormat.Ndjson && candidates.Count > 0 ? null : throw new StartupException(candidates.Count == 0
            ? $"No party can own {kind.Path} yet. Import or register one first."
            : $"More than one party can own {kind.Path}. Name the owner: --owner pty_…");
    }
}
