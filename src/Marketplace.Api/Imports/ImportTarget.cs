using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Imports;

/// <summary>A line read ahead of its write: its content, or everything that is wrong with it.</summary>
/// <param name="Owner">Whom the line names as owner; null where it leaves that to the import.</param>
sealed record ImportEntry(long Line, string? ExternalId, object? Content, IReadOnlyList<Fault> Faults, string? Owner = null);

/// <summary>What the records of an import become, and how each is stored.</summary>
abstract class ImportTarget
{
    /// <summary>The type whose members a record has.</summary>
    public abstract Type Content { get; }

    /// <summary>Whether the answer counts publications.</summary>
    public virtual bool Publishes => false;

    /// <summary>Whether a table may have a column that names the owner of each record.</summary>
    public virtual bool TakesOwners => false;

    /// <summary>Whether it must, because the import has no owner of its own.</summary>
    public virtual bool NeedsOwner => false;

    public abstract ImportEntry Read(JsonLine line);

    /// <summary>Stores a batch, each line in a savepoint of its own; runs inside a write unit, perhaps more than once.</summary>
    public abstract Task<List<ImportOutcome>> Store(Session session, IReadOnlyList<ImportEntry> batch, Language language);
}

abstract class ImportTarget<TContent, TRow> : ImportTarget
    where TContent : class
    where TRow : class
{
    const string Line = "line";

    /// <summary>Bounds the memory of an import. A record that is repeated further on overwrites, as one of an earlier file would.</summary>
    const int MostRemembered = 100_000;

    readonly Dictionary<(string? Owner, string ExternalId), long> _seen = [];

    /// <summary>What happened to a line that was not rejected.</summary>
    protected readonly record struct Stored(ImportResult Outcome, TRow Row, string Id, bool Published = false);

    public override Type Content => typeof(TContent);

    /// <summary>Whose a record will be.</summary>
    /// <param name="named">By the line; null where it names nobody.</param>
    /// <returns>Null where records of the kind have no owner.</returns>
    /// <exception cref="Refusal">It cannot be theirs.</exception>
    protected virtual Task<PartyRow?> Owner(Session session, string? named) => Task.FromResult<PartyRow?>(null);

    /// <summary>The rows of the owner that have one of these external ids, by it.</summary>
    protected abstract Task<Dictionary<string, TRow>> Known(Session session, PartyRow? owner, IReadOnlyList<string> externalIds);

    protected abstract string? ExternalId(TContent content);

    /// <param name="row">The row with the content's external id, if there is one.</param>
    protected abstract Task<Stored> Store(Session session, PartyRow? owner, TContent content, TRow? row);

    public override ImportEntry Read(JsonLine line)
    {
        using var document = line.Parse(out var fault);
        return document is null ? new(line.Number, null, null, [fault!]) : Read(line.Number, document.RootElement) with { Owner = line.Owner };
    }

    static readonly Fault NoExternalId = new("/externalId", "required",
        new("必填：重复导入靠它辨认同一条记录。", "Required: by it an import that is repeated knows the record again."));

    ImportEntry Read(long number, JsonElement json)
    {
        var faults = new List<Fault>();
        var content = Validation.Read<TContent>(json, faults, ServerOwned.Of(typeof(TContent)));
        if (content is IChecked rules)
        {
            faults.AddRange(rules.Check().Take(Validation.MostFaults + 1));
        }

        var sent = json.TryGetProperty("externalId", out var value);
        if (!sent || value.ValueKind == JsonValueKind.Null)
        {
            faults.Add(NoExternalId);
        }

        // Of a line with faults the id is shown as far as it is one.
        var externalId = content is not null ? ExternalId(content)
            : sent && value.ValueKind == JsonValueKind.String && !faults.Exists(fault => fault.Place == "/externalId") ? value.GetString() : null;
        return new(number, externalId, faults.Count == 0 ? content : null, faults);
    }

    public override async Task<List<ImportOutcome>> Store(Session session, IReadOnlyList<ImportEntry> batch, Language language)
    {
        var outcomes = new SortedList<long, ImportOutcome>();
        foreach (var owned in batch.GroupBy(entry => entry.Owner))
        {
            foreach (var outcome in await Store(session, owned.Key, [.. owned], language))
            {
                outcomes.Add(outcome.Line, outcome);
            }
        }

        return [.. outcomes.Values];
    }

    async Task<List<ImportOutcome>> Store(Session session, string? named, List<ImportEntry> owned, Language language)
    {
        PartyRow? owner;
        try
        {
            owner = await Owner(session, named);
        }
        catch (Refusal refusal)
        {
            return owned.ConvertAll(entry => Rejected(entry, [.. entry.Faults, .. FaultsOf(refusal)], language));
        }

        string[] ids = [.. owned.Where(entry => entry.Content is not null).Select(entry => entry.ExternalId!).Distinct()];
        var rows = ids.Length == 0 ? [] : await Known(session, owner, ids);
        var outcomes = new List<ImportOutcome>(owned.Count);
        foreach (var entry in owned)
        {
            outcomes.Add(entry.Content is TContent content
                ? await Store(session, owner, entry, content, rows, language)
                : Rejected(entry, entry.Faults, language));
        }

        return outcomes;
    }

    async Task<ImportOutcome> Store(
        Session session, PartyRow? owner, ImportEntry entry, TContent content, Dictionary<string, TRow> rows, Language language)
    {
        var externalId = entry.ExternalId!;
        await session.Savepoint(Line);
        for (var repeated = false; ; repeated = true)
        {
            try
            {
                var stored = await Store(session, owner, content, rows.GetValueOrDefault(externalId));
                RequireFirst((owner?.Id, externalId), entry.Line, stored.Outcome);
                await session.Release(Line);
                rows[externalId] = stored.Row;
                return new()
                {
                    Line = entry.Line, ExternalId = externalId, Outcome = stored.Outcome, Id = stored.Id, Published = stored.Published,
                };
            }
            catch (Refusal refusal)
            {
                await session.RollbackTo(Line);
                if (!repeated && await WrittenMeanwhile(session, owner, externalId, rows))
                {
                    continue;
                }

                await session.Release(Line);
                return Rejected(entry, FaultsOf(refusal), language);
            }
        }
    }

    /// <summary>A line that would overwrite what an earlier line of the same file has written is a slip of the pen.</summary>
    void RequireFirst((string? Owner, string ExternalId) record, long line, ImportResult outcome)
    {
        // A unit may run again, with the same lines.
        var first = _seen.GetValueOrDefault(record, line);
        if (first < line && outcome == ImportResult.Updated)
        {
            var detail = new Wording(
                $"第 {first} 行已有同一外部编号，内容不同；本行未写入。", $"Line {first} has the same external id with another content; this line was not written.");
            throw Problems.Invalid([new("/externalId", "repeated", detail)]);
        }

        if (_seen.Count < MostRemembered)
        {
            _seen.TryAdd(record, line);
        }
    }

    /// <summary>Whether somebody else wrote the row since it was looked up, so that the line must be weighed anew.</summary>
    async Task<bool> WrittenMeanwhile(Session session, PartyRow? owner, string externalId, Dictionary<string, TRow> rows)
    {
        var before = rows.GetValueOrDefault(externalId);
        var now = (await Known(session, owner, [externalId])).GetValueOrDefault(externalId);
        if (now is null || now.Equals(before))
        {
            return false;
        }

        rows[externalId] = now;
        return true;
    }

    static IReadOnlyList<Fault> FaultsOf(Refusal refusal) => refusal.Faults.Count > 0 ? refusal.Faults : [new("", refusal.Type.Code, refusal.Detail)];

    static ImportOutcome Rejected(ImportEntry entry, IReadOnlyList<Fault> faults, Language language) => new()
    {
        Line = entry.Line, ExternalId = entry.ExternalId, Outcome = ImportResult.Rejected,
        Errors = LineFault.First(faults, language), ErrorsTruncated = LineFault.AreMore(faults),
    };
}
