using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Dossiers;

/// <summary>The claims of a dossier: their rows, the ledger's account of each, and their sums computed again.</summary>
sealed partial class DossierCheck
{
    void Check(int link, ClaimRecord claim)
    {
        Require(link, "/contract", claim.Contract == _dossier.Contract, new($"档案属于合同 {_dossier.Contract}。", $"The dossier is of the contract {_dossier.Contract}."));
        RequireLast(link, claim.Id, claim.State, claim.Version);
        var events = Events(claim.Id).ToList();
        if (events.Count > 0)
        {
            Require(link, "/basis", BasisOf(claim)?.Withheld > 0 || Text(events[^1], "basis") == Fingerprint.Of(claim.Basis.GetRawText()),
                new("计算依据与变更记录中的指纹不符。", "The basis does not have the fingerprint that the feed recorded."));
            Require(link, "/amount", Sum(events[^1]) == claim.Amount, Disagrees(events[^1]));
        }

        if (claim.Persons is { } persons)
        {
            string[] acted = [.. new[] { persons.Reviewer, persons.Approver, persons.Payer }.OfType<string>()];
            Require(link, "/persons", acted.Distinct().Count() == acted.Length, new("审核、审批、支付应由不同的人办理。", "Review, approval and payment are for different people."));
        }

        CheckRow(link, claim, events.LastOrDefault());
        CheckSum(link, claim, events.FirstOrDefault(e => Text(e, "basis") == Text(events[^1], "basis")));
        foreach (var fund in Contents<EntryRecord>().Where(entry => entry.Claim == claim.Id).Select(entry => entry.Fund).Append(claim.Fund).OfType<string>().Distinct())
        {
            using var fold = new LedgerFold(fund);
            foreach (var entry in Contents<EntryRecord>().Where(entry => entry.Claim == claim.Id && entry.Fund == fund))
            {
                fold.Add(entry.Row);
            }

            var expected = fund == claim.Fund ? LedgerCheck.Expected(claim.State, claim.Amount?.Value ?? 0, claim.Recovered.Value) : default;
            Require(link, "/state", fold.Position(claim.Id) == expected, new(
                $"申领为 {claim.State}，{fund} 的台账为：{fold.Position(claim.Id)}。", $"The claim is {claim.State}; in the ledger of {fund} it has {fold.Position(claim.Id)}."));
        }
    }

    /// <summary>The claim is its whole row, of which the last event carries the digest.</summary>
    void CheckRow(int link, ClaimRecord claim, EventRecord? last)
    {
        if (claim.Row is not { } stored || last is null || Text(last, "digest") is not { } digest)
        {
            return;
        }

        Require(link, "/row", digest == Fingerprint.Of(stored.GetRawText()),
            new("申领记录与变更记录中的指纹不符。", "The row does not have the fingerprint that the feed recorded."));
        var row = Parsed<ClaimRow>(stored);
        Require(link, "/row", row is not null, DossierReading.LayoutWrong);
        if (row is not null)
        {
            var whole = ClaimRecord.Of(row, "{}", withPersons: true);
            (string Member, object? Stored, object? Shown)[] members =
            [
                ("/id", whole.Id, claim.Id), ("/state", whole.State, claim.State), ("/version", whole.Version, claim.Version),
                ("/contract", whole.Contract, claim.Contract), ("/termsVersion", whole.TermsVersion, claim.TermsVersion), ("/policy", whole.Policy, claim.Policy),
                ("/policyVersion", whole.PolicyVersion, claim.PolicyVersion), ("/award", whole.Award, claim.Award), ("/payee", whole.Payee, claim.Payee),
                ("/part", whole.Part, claim.Part), ("/amount", whole.Amount, claim.Amount), ("/recover", whole.Recover, claim.Recover),
                ("/recovered", whole.Recovered, claim.Recovered), ("/waived", whole.Waived, claim.Waived), ("/fund", whole.Fund, claim.Fund),
                ("/reservation", whole.Reservation, claim.Reservation), ("/reference", whole.Reference, claim.Reference), ("/persons", whole.Persons, claim.Persons),
            ];
            foreach (var (member, kept, shown) in members)
            {
                Require(link, member, Equals(kept, shown), new("与记录不符。", "It is not what the row has."));
            }
        }
    }

    /// <summary>The policy that the receipt names comes to the same award again, and the payee's part of it to the claim's sum.</summary>
    /// <param name="computed">The event by which the present basis came; before it, its terms were recognised.</param>
    void CheckSum(int link, ClaimRecord claim, EventRecord? computed)
    {
        if (BasisOf(claim) is not { } basis)
        {
            Require(link, "/basis", false, DossierReading.LayoutWrong);
            return;
        }

        if (basis.Withheld > 0)
        {
            // Without the grants of others the sum cannot be computed again.
            return;
        }

        if (policies.All.FirstOrDefault(policy => policy.Hash == basis.Receipt.Policy && policy.Id == claim.Policy) is not { } policy)
        {
            Require(link, "/basis/receipt/policy", false, new(
                $"手头没有政策 {claim.Policy} 的版本 {claim.PolicyVersion}（{basis.Receipt.Policy}），金额不能重算。",
                $"Version {claim.PolicyVersion} of the policy {claim.Policy} ({basis.Receipt.Policy}) is not at hand; the sum cannot be computed again."));
            return;
        }

        var history = basis.History.Select(grant => grant.ToGrant()).ToList();
        var differs = basis.Receipt.Replay(policy, basis.Facts, history);
        Require(link, $"/basis/receipt/{differs}", differs is null, new($"重算与凭证的 {differs} 不符。", $"Computed again, it differs from the receipt's '{differs}'."));
        Require(link, "/policyVersion", claim.PolicyVersion == policy.Version, new($"凭证所指的版本为 {policy.Version}。", $"The receipt is of version {policy.Version}."));
        var award = Evaluator.Evaluate(policy, basis.Facts, history).Awards.FirstOrDefault(award => award.Award == claim.Award);
        // A change of the contract may have moved the claim on to later terms since; the first correction says from which.
        var since = Events(claim.Id).SkipWhile(e => e != computed).Skip(1).FirstOrDefault(e => Correction(e) is not null);
        var termsVersion = since is null ? claim.TermsVersion : (long)Correction(since)!.Value.TermsVersion;
        Require(link, "/termsVersion", Recognised(termsVersion) is { } recognised && computed?.Sequence > recognised.Sequence,
            new($"第 {termsVersion} 版条款在申领前没有认定。", $"Version {termsVersion} of the terms was not recognised before the claim."));
        var (facts, terms) = (basis.Facts, TermsOf(termsVersion));
        var recognition = Terms?.Record.Recognition is { } last && last.TermsVersion == termsVersion ? last : null;
        Require(link, "/basis/facts", facts.Contract == claim.Contract && (terms is null || facts.Amount == terms.Amount)
            && (recognition is null || (facts.TechnologyAmount == recognition.TechnologyAmount && facts.RecognisedOn == recognition.RecognisedOn)),
            new("计算所用事实与认定的条款不符。", "The facts are not those of the recognised terms."));

        if (computed is null || award is null || award.Amount is not { } whole)
        {
            Require(link, "/amount", award is { Amount: null } && (claim.Amount is not { } decided || (decided <= (award.High ?? decided) && (since is not null || decided >= award.Low))),
                new("金额不在政策允许的范围内。", "The sum is outside the range that the policy allows."));
        }
        else if (PartOf(whole, award.Payee, claim.Payee, terms) is { } due)
        {
            var left = whole - (basis.Others ?? Fen.Zero);
            var sum = (due < left ? due : left) - basis.Held;
            Require(link, "/amount", Sum(computed) == sum, new($"按政策重算为 {sum}，申领为 {Sum(computed)}。", $"By the policy it comes to {sum}; {Sum(computed)} was claimed."));
        }
    }

    /// <summary>Null where the terms that say so are not on record.</summary>
    static Fen? PartOf(Fen sum, Payee payee, string party, ContractContent? terms)
    {
        if (terms is null || payee != Payee.Broker)
        {
            return terms is null ? (payee == Payee.Broker ? null : sum) : party == (payee == Payee.Buyer ? terms.Buyer : terms.Seller) ? sum : Fen.Zero;
        }

        var place = terms.Brokers.ToList().FindIndex(broker => broker.Party == party);
        return place < 0 ? Fen.Zero : Allocation.ByShares(sum, [.. terms.Brokers.Select(broker => ClaimComputation.Exact(broker.Share))])[place];
    }
}
