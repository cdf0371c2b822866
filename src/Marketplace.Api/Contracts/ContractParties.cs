using System.Globalization;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>Who may see a contract and do what with it, and how it looks to them.</summary>
static class ContractParties
{
    /// <summary>Officials see every contract that is no longer a draft.</summary>
    public static bool SeesAll(Caller caller) =>
        caller.Is(Roles.Registrar) || caller.Is(Roles.Reviewer) || caller.Is(Roles.Approver) || caller.Is(Roles.Payer)
        || caller.Is(Roles.FundManager) || caller.Is(Roles.Auditor) || caller.Is(Roles.Admin);

    public static async Task<ContractRow> Visible(Session session, string id, Caller caller) => (await Seen(session, id, caller)).Contract;

    /// <returns>What of the contract the caller may read; refused where it may not know of it.</returns>
    public static async Task<Sight> Seen(Session session, string id, Caller caller) =>
        (Ids.Is("con", id) ? await ContractSql.Get(session, id) : null) is { } row && await Sight.Of(session, row, caller) is { } sight
            ? sight : throw Problems.NotFound();

    /// <summary>Refused where the caller knows of the contract, but not of terms that were ever its own to read.</summary>
    /// <param name="present">Whether they have to be the present ones.</param>
    public static async Task<ContractRow> WithTerms(Session session, string id, Caller caller, bool present = false)
    {
        var sight = await Seen(session, id, caller);
        return (present ? sight.HasPresentTerms : sight.Content is not null) ? sight.Contract : throw Problems.Forbidden("buyer", "seller");
    }

    /// <summary>The sellers of these contracts that are outside the mainland's registration: their buyers register (技术进口).</summary>
    public static async Task<IReadOnlySet<string>> SellersAbroad(Session session, IReadOnlyCollection<ContractRow> rows)
    {
        var sellers = rows.Count == 0 ? [] : await PartySql.ByIds(session, [.. rows.Select(row => row.Seller).Distinct()]);
        return sellers.Where(party => Region.IsOutsideMainland(party.Region)).Select(party => party.Id).ToHashSet();
    }

    public static IReadOnlySet<string> Capacities(ContractRow row, Caller caller, bool sellerAbroad)
    {
        var capacities = caller.Roles.ToHashSet();
        var (buys, sells) = (caller.ActsFor(row.Buyer), caller.ActsFor(row.Seller));
        if (buys || sells)
        {
            capacities.Add(ContractLifecycle.Side);
        }

        var (buyer, seller) = row.Amendment is null ? (row.BuyerSigned, row.SellerSigned) : (row.AmendmentBuyerSignedAt is not null, row.AmendmentSellerSignedAt is not null);
        if ((buys && !buyer) || (sells && !seller))
        {
            capacities.Add(buyer || seller ? ContractLifecycle.LastSigner : ContractLifecycle.FirstSigner);
        }

        if (caller.ActsFor(row.Owner) && caller.ActsFor(row.WrittenBy) && !buys && !sells)
        {
            capacities.Add(ContractLifecycle.Drafter);
        }

        if (buys || sells)
        {
            capacities.Add(row.Amendment is null ? ContractLifecycle.Amender
                : caller.ActsFor(row.AmendmentBy) ? ContractLifecycle.Proposer : ContractLifecycle.OtherSide);
        }

        if (sellerAbroad ? buys : sells)
        {
            capacities.Add(ContractLifecycle.Registrant);
        }

        if (caller.Is(Roles.Registrar) && row.ProjectKey is null)
        {
            capacities.Add(ContractLifecycle.RegistrarOfUnnamed);
        }

        return capacities;
    }

    /// <summary>The event of a change, once for each version of a contract.</summary>
    public static async Task<string> Record(Session session, RegistrationOffice office, string type, ContractRow row, string actor) =>
        await EventSql.Append(session, office.Clock, type, row.Id, actor, EventData(row), [.. Readers(row), .. await ReaderSql.Of(session, row.Id)]);

    /// <summary>The event of a step that is about an amendment, which is told to the two sides alone.</summary>
    /// <param name="row">After the step.</param>
    /// <param name="about">With the amendment that the step is about.</param>
    public static Task<string> RecordAmendment(
        Session session, RegistrationOffice office, string type, ContractRow row, ContractRow about, string actor) =>
        EventSql.Append(session, office.Clock, type, row.Id, actor,
            EventData(row, new { version = about.AmendmentTerms, by = about.AmendmentBy, terms = Fingerprint.Of(about.Amendment!) }), row.Buyer, row.Seller);

    /// <summary>What an event says of a contract's row.</summary>
    public static object EventData(ContractRow row, object? amendment = null) => new
    {
        row.State, row.Life, recognitionState = row.Recognition, row.Version, row.TermsVersion, terms = Fingerprint.Of(row.Content), row.Number,
        received = new Fen(row.ReceivedFen), row.DueOn,
        // What is said of terms that were never signed is for their sides, who read it in the steps.
        reason = row.WasSigned ? row.Reason : null, amendment,
        // What claims are computed from beside the terms.
        recognition = row.RecognisedOn is null ? null : Fingerprint.Of(string.Create(CultureInfo.InvariantCulture,
            $"{row.RecognisedOn:yyyy-MM-dd}|{row.RecognisedKind}|{row.RecognisedFen}|{row.RecognisedTerms}|{row.Office}|{row.Separated}|{row.Backdated}")),
        backdated = row is { Backdated: 1, IsRecognised: true } ? true : (bool?)null, identical = row.IsIdentical ? true : (bool?)null,
    };

    /// <summary>Who is told of what happens to a contract. What was never signed by both is for the two sides and the party that wrote it.</summary>
    public static IEnumerable<string> Readers(ContractRow row) => row.WasSigned
        ? [row.Buyer, row.Seller, .. row.Terms.Brokers.Select(broker => broker.Party), Roles.Registrar]
        : [row.Buyer, row.Seller, row.WrittenBy!];

    public static Contract View(Sight sight, bool sellerAbroad, RegistrationOffice office)
    {
        var (row, caller) = (sight.Contract, sight.Caller);
        var outline = new Contract { Buyer = row.Buyer, Seller = row.Seller };
        var view = (sight.Content is null ? outline : Json.Read<Contract>(sight.Content)) with
        {
            Id = row.Id, State = row.State, Life = row.Life, RecognitionState = row.Recognition, Owner = row.Owner, Version = row.Version,
            TermsVersion = sight.TermsVersion, Signatures = sight.HasPresentTerms || !row.WasSigned ? SignaturesOf(row, caller) : [],
            CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt,
            AvailableActions = ContractLifecycle.Axes.AvailableActions(row.Life, row.Recognition, Capacities(row, caller, sellerAbroad)),
        };
        if (sight.Content is null)
        {
            return view;
        }

        var recognition = RecognitionOf(sight);
        var proposal = row.Proposal is null || !sight.HasPresentTerms ? null : Json.Read<RecogniseRequest>(row.Proposal);
        return view with
        {
            Reason = row.Reason, Recognition = recognition, RecognisedAmount = recognition?.TechnologyAmount, Received = new(row.ReceivedFen), Disputed = row.DisputedBy is not null, Separated = row.Separated == 1,
            Amendment = sight.IsSide ? Amending.View(row, caller) : null,
            Proposal = proposal is null ? null
                : new(proposal.Number, proposal.RecognisedOn, proposal.TechnologyAmount, proposal.Kind, SeesAll(caller) ? row.ProposedBy : null),
            // The second before the next day begins in Beijing.
            DueAt = row.DueOn is { } last ? new DateTimeOffset(last.ToDateTime(new(23, 59, 59)), Clock.Beijing) : null,
            Due = office.Due(row),
        };
    }

    /// <summary>Those that are on the present terms.</summary>
    public static IReadOnlyList<Signature> SignaturesOf(ContractRow row, Caller caller) =>
    [
        .. SignatureOf(row.Buyer, "buyer", row.BuyerSigned ? row.BuyerSignedBy : null, row.BuyerSignedAt, caller),
        .. SignatureOf(row.Seller, "seller", row.SellerSigned ? row.SellerSignedBy : null, row.SellerSignedAt, caller),
    ];

    /// <returns>One, or none where nobody has signed for the side.</returns>
    public static IEnumerable<Signature> SignatureOf(string party, string side, string? person, DateTimeOffset? signedAt, Caller caller) =>
        person is null ? [] : [new(party, side, SeesAll(caller) || caller.BelongsTo(party) ? person : null, signedAt!.Value)];

    /// <summary>Where it is of the terms that the caller reads, or of earlier ones.</summary>
    public static Recognition? RecognitionOf(Sight sight) => RecognitionOf(sight.Contract) is { } recognition && recognition.TermsVersion <= sight.TermsVersion
        ? recognition : null;

    static Recognition? RecognitionOf(ContractRow row) => row.RecognisedOn is null ? null : new(
        row.Number!, row.NumberFormat is { } format ? CodeNames.Parse<NumberFormat>(format) : null, row.RecognisedOn.Value, row.Office,
        CodeNames.Parse<ContractKind>(row.RecognisedKind!), new(row.RecognisedFen!.Value), row.RecognisedTerms!.Value,
        row.Backdated == 1);

    public static ContractRow Fill(ContractRow row, ContractContent terms) => row with
    {
        Kind = terms.Kind.Wire(), Buyer = terms.Buyer, Seller = terms.Seller, Project = terms.Project, Content = Json.Write(terms),
        TotalFen = terms.Amount.Value, TechnologyFen = (terms.TechnologyAmount ?? terms.Amount).Value,
    };

    /// <summary>The caller's signature on the present terms; the last one dates the contract where the terms do not.</summary>
    public static ContractRow Signed(ContractRow row, Caller caller, TimeProvider clock)
    {
        var now = clock.Now();
        // One person does not sign for both sides.
        caller.RequireOther(caller.ActsFor(row.Buyer) ? (row.SellerSigned ? row.SellerSignedBy : null) : row.BuyerSigned ? row.BuyerSignedBy : null);
        var signed = caller.ActsFor(row.Buyer)
            ? row with { BuyerSignedTerms = row.TermsVersion, BuyerSignedBy = caller.Person, BuyerSignedAt = now }
            : row with { SellerSignedTerms = row.TermsVersion, SellerSignedBy = caller.Person, SellerSignedAt = now };
        var terms = row.Terms;
        return signed.BuyerSigned && signed.SellerSigned && terms.SignedOn is null
            ? signed with { Content = Json.Write(terms with { SignedOn = clock.Today() }) }
            : signed;
    }
}
