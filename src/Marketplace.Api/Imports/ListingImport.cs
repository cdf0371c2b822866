using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Imports;

/// <summary>Demands or achievements of one owner, or of those that the lines of a table name, published on request by the same steps that a moderator takes.</summary>
sealed class ListingImport<TContent>(
    ListingKind<TContent> kind, PartyRow? owner, bool publish, Caller caller, TimeProvider clock) : ImportTarget<TContent, ListingRow>
    where TContent : ListingContent
{
    public override bool Publishes => publish;

    public override bool TakesOwners => true;

    public override bool NeedsOwner => owner is null;

    protected override async Task<PartyRow?> Owner(Session session, string? named) =>
        named is not null ? await ListingOwner.InLine(session, kind, named, publish, caller)
        : owner ?? throw Problems.RuleViolated([ListingOwner.Missing("/owner")]);

    protected override string? ExternalId(TContent content) => content.ExternalId;

    protected override async Task<Dictionary<string, ListingRow>> Known(Session session, PartyRow? owner, IReadOnlyList<string> externalIds) =>
        (await ListingSql.ByExternalIds(session, kind.Name, owner!.Id, externalIds)).ToDictionary(row => row.ExternalId!);

    protected override async Task<Stored> Store(Session session, PartyRow? owner, TContent content, ListingRow? row)
    {
        var outcome = ImportResult.Unchanged;
        if (row is null)
        {
            row = await ListingActs.Create(session, clock, kind, content, owner!.Id, owner.Region, caller);
            outcome = ImportResult.Created;
        }
        else if (kind.Latest(row) is var latest && kind.Fill(latest, content, row.Region) != latest)
        {
            if (ListingLifecycle.WriteProtection(row) is { } state)
            {
                throw Problems.InvalidTransition("update", state, []);
            }

            row = await ListingActs.Rewrite(session, clock, kind, row, content, caller) ?? throw Changed();
            outcome = ImportResult.Updated;
        }

        var published = false;
        while (publish && StepTowardsPublication(row.State) is { } next)
        {
            row = await ListingActs.Move(session, clock, kind, row, next, row.Version, caller.Party, reason: null) ?? throw Changed();
            published = row.State == ListingLifecycle.Published;
        }

        while (publish && ListingLifecycle.IsRevised(row.State) && StepTowardsPublication(row.RevisionState) is { } next)
        {
            row = await ListingActs.MoveRevision(session, clock, kind, row, next, caller.Party, reason: null) ?? throw Changed();
            published = row.RevisionState is null;
        }

        return new(outcome, row, row.Id, published);
    }

    /// <summary>What its owner paused or ended stays so.</summary>
    static string? StepTowardsPublication(string? state) => state switch
    {
        ListingLifecycle.Draft or ListingLifecycle.Returned => ListingLifecycle.Submitted,
        ListingLifecycle.Submitted => ListingLifecycle.Published,
        _ => null,
    };

    static Refusal Changed() => Problems.PreconditionFailed("*");
}
