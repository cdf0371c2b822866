using System.Text.Json.Serialization;
using Marketplace.Api.Codes;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

public enum ImportResult
{
    [Label("已新增", "Created")] Created,
    [Label("无变化", "Unchanged")] Unchanged,
    [Label("已更新", "Updated")] Updated,
    [Label("已拒绝", "Rejected")] Rejected,
}

/// <summary>What became of one line.</summary>
public sealed record ImportOutcome
{
    /// <summary>In the file, from 1; of a CSV record its first line.</summary>
    public required long Line { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? ExternalId { get; init; }

    public required ImportResult Outcome { get; init; }

    /// <summary>Of the party or listing, unless the line was rejected.</summary>
    public string? Id { get; init; }

    /// <summary>Why it was rejected.</summary>
    public IReadOnlyList<LineFault>? Errors { get; init; }

    /// <summary>True where there are more faults than the 100 in errors.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ErrorsTruncated { get; init; }

    /// <summary>Whether it went public by this line.</summary>
    [JsonIgnore]
    public bool Published { get; init; }
}

/// <summary>How many lines had which outcome.</summary>
public sealed record ImportSummary
{
    public long Lines { get; init; }
    public long Created { get; init; }
    public long Unchanged { get; init; }
    public long Updated { get; init; }
    public long Rejected { get; init; }

    /// <summary>Given where publication was asked for.</summary>
    public long? Published { get; init; }

    public ImportSummary With(IReadOnlyList<ImportOutcome> more)
    {
        var counts = new long[4];
        foreach (var outcome in more)
        {
            counts[(int)outcome.Outcome]++;
        }

        return this with
        {
            Lines = Lines + more.Count,
            Created = Created + counts[(int)ImportResult.Created],
            Unchanged = Unchanged + counts[(int)ImportResult.Unchanged],
            Updated = Updated + counts[(int)ImportResult.Updated],
            Rejected = Rejected + counts[(int)ImportResult.Rejected],
            Published = Published + more.Count(outcome => outcome.Published),
        };
    }
}

/// <summary>The last line of the answer.</summary>
public sealed record ImportEnd(ImportSummary Summary);

/// <summary>The last line where the import could not go on: what was acknowledged stays, the rest may be sent again.</summary>
public sealed record ImportBroken(LineFault Error, ImportSummary SoFar);
