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

    public static async Task<ContractRow> Visible(Session session, string id, Caller caller)
    {
        var row = Ids.Is("con", id) ? await ContractSql.Get(session, id) : null;
        return row is not null
            && (caller.BelongsTo(row.Buyer) || caller.BelongsTo(row.Seller) || (SeesAll(caller) && row.State != ContractLifecycle.Draft)
                || await ContractSql.IsBroker(session, id, caller.Party))
            ? row : throw Problems.NotFound();
    }

    /// <summary>The sellers of these contracts that are outside the mainland's registration: their buyers register (技术进口).</summary>
    public static async Task<IReadOnlySet<string>> SellersAbroad(Session session, IReadOnlyCollection<ContractRow> rows)
    {
        var sellers = rows.Count == 0 ? [] : await PartySql.ByIds(session, [.. rows.Select(row => row.Seller).Distinct()]);
        return sellers.Where(party => party.Region[0] is < '1' or > '6').Select(party => party.Id).ToHashSet();
    }

    public static IReadOnlySet<string> Capacities(ContractRow row, Caller caller, bool sellerAbroad)
    {
        var capacities = caller.Roles.ToHashSet();
        var (buys, sells) = (caller.ActsFor(row.Buyer), caller.ActsFor(row.Seller));
        if (buys || sells)
        {
            capacities.Add(ContractLifecycle.Side);
        }

        if ((buys && !row.BuyerSigned) || (sells && !row.SellerSigned))
        {
            capacities.Add(row.BuyerSigned || row.SellerSigned ? ContractLifecycle.LastSigner : ContractLifecycle.FirstSigner);
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
    public static Task<string> Record(Session session, RegistrationOffice office, string type, ContractRow row, string actor) => EventSql.Append(
        session, office.Clock, type, row.Id, actor, EventData(row), Readers(row));

    /// <summary>What an event says of a contract's row.</summary>
    public static object EventData(ContractRow row) => new
    {
        row.State, row.Life, recognitionState = row.Recognition, row.Version, row.TermsVersion, terms = Fingerprint.Of(row.Content), row.Number,
        received = new Fen(row.ReceivedFen), row.DueOn, row.Reason,
        backdated = row is { Backdated: 1, IsRecognised: true } ? true : (bool?)null, identical = row.IsIdentical ? true : (bool?)null,
    };

    /// <summary>Who is told of what happens to a contract.</summary>
    public static IEnumerable<string> Readers(ContractRow row) =>
    [
        row.Buyer, row.Seller, .. row.Terms.Brokers.Select(broker => broker.Party),
        .. row.State == ContractLifecycle.Draft ? [] : new[] { Roles.Registrar },
    ];

    public static Contract View(ContractRow row, Caller caller, bool sellerAbroad, RegistrationOffice office)
    {
        var recognition = RecognitionOf(row);
        var proposal = row.Proposal is null ? null : Json.Read<RecogniseRequest>(row.Proposal);
        return Json.Read<Contract>(row.Content) with
        {
            Id = row.Id, State = row.State, Life = row.Life, RecognitionState = row.Recognition, Owner = row.Owner, Version = row.Version,
            TermsVersion = row.TermsVersion, Signatures = SignaturesOf(row), Recognition = recognition, RecognisedAmount = recognition?.TechnologyAmount,
            Received = new(row.ReceivedFen), Disputed = row.DisputedBy is not null, Separated = row.Separated == 1, Reason = row.Reason,
            Proposal = proposal is null ? null
                : new(proposal.Number, proposal.RecognisedOn, proposal.TechnologyAmount, proposal.Kind, row.ProposedBy!),
            // The second before the next day begins in Beijing.
            DueAt = row.DueOn is { } last ? new DateTimeOffset(last.ToDateTime(new(23, 59, 59)), Clock.Beijing) : null,
            Due = office.Due(row), CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt,
            AvailableActions = ContractLifecycle.Axes.AvailableActions(row.Life, row.Recognition, Capacities(row, caller, sellerAbroad)),
        };
    }

    /// <summary>Those that are on the present terms.</summary>
    public static IReadOnlyList<Signature> SignaturesOf(ContractRow row)
    {
        var signatures = new List<Signature>(2);
        if (row.BuyerSigned)
        {
            signatures.Add(new(row.Buyer, "buyer", row.BuyerSignedBy!, row.BuyerSignedAt!.Value));
        }

        if (row.SellerSigned)
        {
            signatures.Add(new(row.Seller, "seller", row.SellerSignedBy!, row.SellerSignedAt!.Value));
        }

        return signatures;
    }

    public static Recognition? RecognitionOf(ContractRow row) => row.RecognisedOn is null ? null : new(
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
