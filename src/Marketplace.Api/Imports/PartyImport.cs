using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Imports;

/// <summary>Parties, known again by their key in the system that they come from.</summary>
sealed class PartyImport(Caller caller, TimeProvider clock) : ImportTarget<PartyContent, PartyRow>
{
    protected override string? ExternalId(PartyContent content) => content.ExternalId;

    protected override async Task<Dictionary<string, PartyRow>> Known(Session session, PartyRow? owner, IReadOnlyList<string> externalIds) =>
        (await PartySql.ByExternalIds(session, externalIds)).ToDictionary(row => row.ExternalId!);

    protected override async Task<Stored> Store(Session session, PartyRow? owner, PartyContent content, PartyRow? row)
    {
        if (row is null)
        {
            row = await PartyEndpoints.Register(content, caller, session, clock);
            return new(ImportResult.Created, row, row.Id);
        }

        if (PartyEndpoints.Fill(row, content) == row)
        {
            return new(ImportResult.Unchanged, row, row.Id);
        }

        row = await PartyEndpoints.Rewrite(row, content, caller, session, clock) ?? throw Problems.PreconditionFailed("*");
        return new(ImportResult.Updated, row, row.Id);
    }
}
