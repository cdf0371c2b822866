using System.Text.Json;
using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Marketplace.Api.Subscriptions;

namespace Marketplace.Api.Dossiers;

static class DossierEndpoints
{
    public static void MapDossiers(this IEndpointRouteBuilder api) =>
        api.MapGet("/contracts/{id}/dossier", Get).NeedsKey().Computes().WithTags("contracts").Produces<Dossier>().WithSummary(
            "The contract's whole record, from the demand to the payment, as one file that 'dossier verify' checks offline; keep it byte for byte.");

    static async Task<IResult> Get(string id, Caller caller, Db db, TimeProvider clock)
    {
        while (true)
        {
            var (contract, links) = await db.Read(async session =>
            {
                await session.FixMoment();
                var sight = await ContractParties.Seen(session, id, caller);
                return (sight.Contract.Id, await new Collection(session, clock, sight).Links());
            });
            if (links.TrueForAll(link => link is not EventRecord { Sequence: 0 }))
            {
                return Results.File(Dossier.Write(contract, clock.Now(), links), "application/json", $"{contract}.dossier.json");
            }

            // On the servers an event is numbered after its commit; a dossier with half of the record would not verify. After its own session has ended: that
            // may hold locks on the very rows that are to be numbered.
            await Sequencer.NumberSome(db);
        }
    }

    /// <summary>
    /// What a caller who may see the contract may see of its chain. Events of the contract itself, where the caller may read terms of it, and of claims
    /// that the caller may see, are theirs; about everything else a party gets what it would find in the feed. Officials see it all, but of listings only what was
    /// handed in. Nobody gets contacts, messages or confidential parts.
    /// </summary>
    sealed class Collection(Session session, TimeProvider clock, Sight sight)
    {
        readonly ContractRow contract = sight.Contract;
        readonly Caller caller = sight.Caller;
        readonly bool _official = sight.IsOfficial;
        readonly List<object> _links = [];

        public async Task<List<object>> Links()
        {
            var terms = sight.Content is null ? null : Json.Read<ContractContent>(sight.Content);
            await AddListing(terms?.Demand);
            await AddListing(terms?.Achievement);
            if (terms is { Demand: { } demand, Achievement: { } achievement })
            {
                await AddMatches(contract.Buyer, demand, achievement);
                await AddMatches(contract.Seller, achievement, demand);
            }

            await AddIntroduction(terms?.Introduction);
            _links.Add(new TermsRecord(
                contract.Id, contract.State, contract.Version, sight.TermsVersion,
                sight.Content is null ? null : JsonSerializer.Deserialize<JsonElement>(sight.Content), terms is null ? null : new(contract.ReceivedFen),
                sight.HasPresentTerms ? ContractParties.SignaturesOf(contract, caller) : [], ContractParties.RecognitionOf(sight)));
            var events = (await EventSql.About(session, [contract.Id], terms is null && !_official ? Readers.Of(caller) : null)).Select(EventRecord.Of).ToList();
            var versions = events.Select(happened => happened.Data.GetProperty("version").GetInt32()).ToHashSet();
            _links.AddRange((await StepSql.After(session, contract.Id, version: 0, take: int.MaxValue))
                .Where(step => versions.Contains(step.Version)).Select(step => step.View(sight)));
            _links.AddRange(events);
            foreach (var payment in terms is null ? [] : (await PaymentSql.List(session, contract.Id, after: null, take: int.MaxValue)).AsEnumerable().Reverse())
            {
                _links.Add(new PaymentRecord(
                    payment.Id, payment.State, payment.Version, payment.Contract, new(payment.Fen), payment.PaidOn, payment.Reference, payment.Party));
                await AddEvents(payment.Id, all: true);
            }

            foreach (var claim in (await ClaimSql.OfContract(session, contract.Id)).Where(claim => _official || caller.BelongsTo(claim.Payee)))
            {
                var basis = await ClaimSql.BasisText(session, claim.Id);
                _links.Add(ClaimRecord.Of(claim, _official ? basis : ClaimSteps.Withheld(claim, basis), _official));
                await AddEvents(claim.Id, all: true);
                _links.AddRange((await LedgerSql.About(session, claim.Id)).Select(entry => EntryRecord.Of(entry, _official)));
            }

            return _links;
        }

        async Task AddListing(string? id)
        {
            if (id is null || (await ListingSql.Get(session, id))! is not { } row
                || !(await ListingActs.IsVisible(session, clock, row, caller) || (_official && row.State != ListingLifecycle.Draft)))
            {
                return;
            }

            _links.Add(new ListingRecord(row.Id, row.State, row.Version, row.Owner, JsonDocument.Parse(row.Content).RootElement.GetProperty("title").GetString()!));
            await AddEvents(id, all: _official);
        }

        /// <summary>A match is on record where a subscription of one side was told of the other's listing.</summary>
        async Task AddMatches(string owner, string own, string found)
        {
            if (!_official && !caller.BelongsTo(owner))
            {
                return;
            }

            var subscriptions = (await SubscriptionSql.ThatFound(session, owner, found))
                .Where(row => row.Wanted is { } wanted && own == (wanted.Demand ?? wanted.Achievement)).Select(row => row.Id).ToList();
            _links.AddRange((await EventSql.About(session, subscriptions, readers: null)).Select(EventRecord.Of)
                .Where(told => told.Type == "subscription.matched" && told.Data.GetProperty("listing").GetString() == found));
        }

        async Task AddIntroduction(string? id)
        {
            if (id is null || (await IntroductionSql.Get(session, id))! is not { } row || !(_official || row.Parties.Any(caller.BelongsTo)))
            {
                return;
            }

            _links.Add(new IntroductionRecord(
                row.Id, row.State, row.Version, row.Demand, row.Achievement, row.Introducer, row.DemandParty, row.OtherParty, row.DemandAcceptedAt,
                row.OtherAcceptedAt));
            await AddEvents(id, all: true);
        }

        async Task AddEvents(string subject, bool all) =>
            _links.AddRange((await EventSql.About(session, [subject], all ? null : Readers.Of(caller))).Select(EventRecord.Of));
    }
}
