using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

/// <summary>
/// What the steps of an amendment write. It is a proposal beside the terms in force, so no step before the last signature touches what the
/// contract says, how it is recognised or what is claimed on it. 合同变更
/// </summary>
static class Amending
{
    /// <summary>Proposes the terms in force, to be changed.</summary>
    public static ContractRow Opened(ContractRow row, Caller caller) => Changed(row with { AmendmentBy = caller.Party }, row.Terms);

    /// <summary>Other terms have another number and no signature.</summary>
    public static ContractRow Changed(ContractRow row, ContractContent terms) => Unsigned(row) with
    {
        Amendment = Json.Write(terms), AmendmentTerms = row.TermsWritten + 1, TermsWritten = row.TermsWritten + 1,
    };

    public static ContractRow Ended(ContractRow row) => Unsigned(row) with { Amendment = null, AmendmentBy = null, AmendmentTerms = null };

    /// <summary>The caller's signature; with the other side's it puts the terms in force.</summary>
    /// <param name="row">With the states that the step leads to.</param>
    public static ContractRow Signed(ContractRow row, Caller caller, TimeProvider clock)
    {
        // One person does not sign for both sides.
        caller.RequireOther(caller.ActsFor(row.Buyer) ? row.AmendmentSellerSignedBy : row.AmendmentBuyerSignedBy);
        var now = clock.Now();
        var signed = caller.ActsFor(row.Buyer)
            ? row with { AmendmentBuyerSignedBy = caller.Person, AmendmentBuyerSignedAt = now }
            : row with { AmendmentSellerSignedBy = caller.Person, AmendmentSellerSignedAt = now };
        return signed is { AmendmentBuyerSignedBy: not null, AmendmentSellerSignedBy: not null } ? InForce(signed, clock) : signed;
    }

    static ContractRow InForce(ContractRow row, TimeProvider clock)
    {
        var terms = row.AmendedTerms!;
        var version = row.AmendmentTerms!.Value;
        var changed = ContractParties.Fill(row, terms with { SignedOn = terms.SignedOn ?? clock.Today() }) with
        {
            TermsVersion = version, DisputedBy = null,
            // A number once given stays on the register until it is struck off.
            Recognition = row.RecognisedOn is null ? ContractLifecycle.None : ContractLifecycle.Lapsed,
            BuyerSignedTerms = version, BuyerSignedBy = row.AmendmentBuyerSignedBy, BuyerSignedAt = row.AmendmentBuyerSignedAt,
            SellerSignedTerms = version, SellerSignedBy = row.AmendmentSellerSignedBy, SellerSignedAt = row.AmendmentSellerSignedAt,
        };
        RequireReceived(changed);
        return Ended(changed);
    }

    /// <summary>What is paid already is no less than what it is paid for.</summary>
    public static void RequireReceived(ContractRow row)
    {
        if (row.TechnologyFen < row.ReceivedFen)
        {
            throw Problems.RuleViolated([ContractFaults.BelowReceived(new(row.TechnologyFen), new(row.ReceivedFen))]);
        }
    }

    /// <summary>Buyer and seller of a signed contract are no terms: another party makes another contract.</summary>
    public static void RequireSameParties(ContractRow row, ContractContent terms)
    {
        List<Fault> faults = [];
        Require("/buyer", row.Buyer, terms.Buyer);
        Require("/seller", row.Seller, terms.Seller);
        if (faults.Count > 0)
        {
            throw Problems.RuleViolated(faults);
        }

        void Require(string pointer, string signed, string sent)
        {
            if (sent != signed)
            {
                faults.Add(new(pointer, "party-is-fixed", new(
                    $"合同已由 {signed} 签订，不能改为 {sent}；更换主体请在同一项目下另订合同。",
                    $"{signed} has signed the contract; it cannot become {sent}. With another party, make another contract of the same project.")));
            }
        }
    }

    /// <summary>How the two sides see it.</summary>
    public static ContractAmendment? View(ContractRow row, Caller caller) => row.AmendedTerms is not { } terms ? null : new(
        terms, row.AmendmentBy!,
        [
            .. ContractParties.SignatureOf(row.Buyer, "buyer", row.AmendmentBuyerSignedBy, row.AmendmentBuyerSignedAt, caller),
            .. ContractParties.SignatureOf(row.Seller, "seller", row.AmendmentSellerSignedBy, row.AmendmentSellerSignedAt, caller),
        ],
        row.AmendmentTerms!.Value);

    static ContractRow Unsigned(ContractRow row) => row with
    {
        AmendmentBuyerSignedBy = null, AmendmentBuyerSignedAt = null, AmendmentSellerSignedBy = null, AmendmentSellerSignedAt = null,
    };
}
