using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

/// <summary>A line read ahead of its write: its content, or everything that is wrong with it.</summary>
sealed record ImportEntry(long Line, string? ExternalId, object? Content, IReadOnlyList<Fault> Faults);

/// <summary>What the records of an import become, and how each is stored.</summary>
abstract class ImportTarget
{
    /// <summary>The type whose members a record has.</summary>
    public abstract Type Content { get; }

    /// <summary>Whether the answer counts publications.</summary>
    public virtual bool Publishes => false;

    public abstract ImportEntry Read(JsonLine line);

    /// <summary>Stores a batch, each line in a savepoint of its own; runs inside a write unit, perhaps more than once.</summary>
    public abstract Task<List<ImportOutcome>> Store(Session session, IReadOnlyList<ImportEntry> batch, Language language);
}

abstract class ImportTarget<TContent, TRow> : ImportTarget
    where TContent : class
    where TRow : class
{
    const string Line = "line";

    /// <summary>What happened to a line that was not rejected.</summary>
    protected readonly record struct Stored(ImportResult Outcome, TRow Row, string Id, bool Published = false);

    public override Type Content => typeof(TContent);

    /// <summary>The rows that have one of these external ids, by it.</summary>
    protected abstract Task<Dictionary<string, TRow>> Known(Session session, IReadOnlyList<string> externalIds);

    protected abstract string? ExternalId(TContent content);

    /// <param name="row">The row with the content's external id, if there is one.</param>
    protected abstract Task<Stored> Store(Session session, TContent content, TRow? row);

    public override ImportEntry Read(JsonLine line)
    {
        using var document = line.Parse(out var fault);
        return document is null ? new(line.Number, null, null, [fault!]) : Read(line.Number, document.RootElement);
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
        string[] ids = [.. batch.Where(entry => entry.Content is not null).Select(entry => entry.ExternalId!).Distinct()];
        var rows = ids.Length == 0 ? [] : await Known(session, ids);
        var outcomes = new List<ImportOutcome>(batch.Count);
        foreach (var entry in batch)
        {
            outcomes.Add(entry.Content is TContent content
                ? await Store(session, entry, content, rows, language)
                : Rejected(entry, entry.Faults, language));
        }

        return outcomes;
    }

    async Task<ImportOutcome> Store(
        Session session, ImportEntry entry, TContent content, Dictionary<string, TRow> rows, Language language)
    {
        var externalId = entry.ExternalId!;
        await session.Savepoint(Line);
        for (var repeated = false; ; repeated = true)
        {
            try
            {
                var stored = await Store(session, content, rows.GetValueOrDefault(externalId));
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
                if (!repeated && await WrittenMeanwhile(session, externalId, rows))
                {
                    continue;
                }

                await session.Release(Line);
                return Rejected(entry, refusal.Faults.Count > 0 ? refusal.Faults : [new("", refusal.Type.Code, refusal.Detail)], language);
            }
        }
    }

    /// <summary>Whether somebody else wrote the row since it was looked up, so that the line must be weighed anew.</summary>
    async Task<bool> WrittenMeanwhile(Session session, string externalId, Dictionary<string, TRow> rows)
    {
        var before = rows.GetValueOrDefault(externalId);
        var now = (await Known(session, [externalId])).GetValueOrDefault(externalId);
        if (now is null || now.Equals(before))
        {
            return false;
        }

        rows[externalId] = now;
        return true;
    }

    static ImportOutcome Rejected(ImportEntry entry, IReadOnlyList<Fault> faults, Language language) => new()
    {
        Line = entry.Line, ExternalId = entry.ExternalId, Outcome = ImportResult.Rejected,
        Errors = LineFault.First(faults, language), ErrorsTruncated = LineFault.AreMore(faults),
    };
}
