using System.Text.Json;
using Marketplace.Api.Claims;
using Marketplace.Api.Codes;
using Marketplace.Api.Contracts;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Dossiers;

/// <summary>
/// Holds each link of a dossier against its hashes, its neighbours and the rules: what was sealed is unchanged, what belongs together does,
/// states follow their lifecycles, sums agree, and the policy comes to the same sum again.
/// </summary>
/// <param name="policies">The documents at hand; a receipt says which of them a claim was computed with.</param>
sealed partial class DossierCheck(PolicyCatalogue policies)
{
    readonly List<DossierFault> _faults = [];
    readonly List<(int Link, object Content)> _contents = [];
    Dossier _dossier = null!;

    /// <param name="file">The file's bytes.</param>
    /// <param name="dossier">Null where the file cannot be read as one.</param>
    /// <returns>All that is wrong, the file's own faults first and then link by link.</returns>
    public IReadOnlyList<DossierFault> Run(byte[] file, out Dossier? dossier)
    {
        dossier = DossierReading.Read(file, out var unreadable);
        if (dossier is null)
        {
            return [unreadable!];
        }

        _dossier = dossier;
        Require(null, "/seal", Dossier.IsSealed(file), new("封印不符：文件与市场出具时不完全一致。", "The seal does not match: the file is not, byte for byte, what the market gave out."));
        Read();
        Require(null, "/links", _contents.Exists(content => content.Content is TermsRecord), new("缺少合同条款。", "The contract's terms are missing."));
        foreach (var (link, content) in _contents)
        {
            switch (content)
            {
                case ListingRecord listing:
                    Check(link, listing);
                    break;
                case IntroductionRecord introduction:
                    Check(link, introduction);
                    break;
                case TermsRecord terms:
                    Check(link, terms);
                    break;
                case ContractStep step:
                    Check(link, step);
                    break;
                case PaymentRecord payment:
                    Check(link, payment);
                    break;
                case ClaimRecord claim:
                    Check(link, claim);
                    break;
                case EventRecord happened:
                    Check(link, happened);
                    break;
                case EntryRecord entry:
                    Check(link, entry);
                    break;
            }
        }

        return [.. _faults.OrderBy(fault => fault.Link ?? -1)];
    }

    void Read()
    {
        var digest = "";
        for (var i = 0; i < _dossier.Links.Count; i++)
        {
            var link = _dossier.Links[i];
            Require(i, "/digest", link.Digest == DossierLink.DigestOf(digest, link.Kind, link.Content.GetRawText()), new("摘要不符：此环节被改动。", "The digest does not match: this link was changed."));
            digest = link.Digest;
            if (!DossierLink.Kinds.TryGetValue(link.Kind, out var type))
            {
                Require(i, "/kind", false, new($"没有 {link.Kind} 这种环节。", $"There is no link of kind '{link.Kind}'."));
                continue;
            }

            try
            {
                _contents.Add((i, link.Content.Deserialize(type, Dossier.Strict)!));
            }
            catch (JsonException error)
            {
                Require(i, DossierReading.Pointer(error), false, DossierReading.LayoutWrong);
            }
        }
    }

    void Check(int link, ListingRecord listing)
    {
        var terms = Terms?.Content;
        Require(link, "/id", terms is null || (listing.Id == terms.Demand ? listing.Owner == terms.Buyer : listing.Id == terms.Achievement && listing.Owner == terms.Seller),
            new("不是合同所列的需求或成果，或归属不符。", "It is not the demand or achievement that the contract names, or not its side's."));
        if (Events(listing.Id).LastOrDefault() is { } last && Number(last, "version") == listing.Version)
        {
            Require(link, "/state", Text(last, "state") == listing.State, Disagrees(last));
        }
    }

    void Check(int link, IntroductionRecord introduction)
    {
        var terms = Terms?.Content;
        Require(link, "/id", terms is null || introduction.Id == terms.Introduction, new("不是合同所依据的对接。", "It is not the introduction that the contract rests on."));
        Require(link, "/demandParty", terms is null || (introduction.DemandParty == terms.Buyer && introduction.OtherParty == terms.Seller),
            new("双方与合同的买方、卖方不符。", "Its sides are not the contract's buyer and seller."));
        Require(link, "/state", introduction is { State: IntroductionLifecycle.Mutual, DemandAcceptedAt: not null, OtherAcceptedAt: not null },
            new("对接未经双方确认。", "It was not accepted by both sides."));
        RequireLast(link, introduction.Id, introduction.State, introduction.Version);
    }

    void Check(int link, TermsRecord terms)
    {
        Require(link, "/contract", terms.Contract == _dossier.Contract, new($"档案属于合同 {_dossier.Contract}。", $"The dossier is of the contract {_dossier.Contract}."));
        if (terms.Terms is not { } stored)
        {
            Require(link, "/terms", terms.Recognition is null && !Contents<PaymentRecord>().Any() && !Contents<ClaimRecord>().Any(),
                new("缺少认定、付款或申领所依据的条款。", "The terms are missing on which what is recognised, paid or claimed rests."));
            return;
        }

        RequireLast(link, terms.Contract, terms.State, terms.Version);
        var last = Events(terms.Contract).LastOrDefault(e => Number(e, "termsVersion") == terms.TermsVersion);
        Require(link, "/terms", last is not null && Text(last, "terms") == Fingerprint.Of(stored.GetRawText()),
            new("条款与变更记录中的指纹不符。", "The terms do not have the fingerprint that the feed recorded."));
        var content = ContentOf(terms);
        Require(link, "/terms", content is not null, DossierReading.LayoutWrong);
        Require(link, "/received", terms.Received?.Value == Contents<PaymentRecord>().Where(payment => payment.State == PaymentLifecycle.Confirmed).Sum(payment => payment.Amount.Value),
            new("与已确认的付款之和不符。", "It is not what the confirmed payments add up to."));
        foreach (var signature in terms.Signatures)
        {
            Require(link, "/signatures", content is null || signature.Party == (signature.Side == "buyer" ? content.Buyer : content.Seller),
                new($"{signature.Party} 不是签字的一方。", $"{signature.Party} is not the side that it signs for."));
        }

        if (terms.Recognition is { } recognition)
        {
            Require(link, "/recognition/technologyAmount", content is null || recognition.TechnologyAmount <= content.Amount,
                new("认定的技术交易额超过合同成交额。", "The recognised technology amount is above the contract amount."));
            Require(link, "/recognition/number", Recognised(recognition.TermsVersion) is { } recognised && Text(recognised, "number") == recognition.Number,
                new("没有相应的认定记录。", "No such recognition is on record."));
        }
    }

    void Check(int link, ContractStep step)
    {
        var happened = Events(_dossier.Contract).FirstOrDefault(e => Number(e, "version") == step.Version);
        Require(link, "/version", happened is not null && happened.Actor == step.Party && Number(happened, "termsVersion") == step.TermsVersion
            && Text(happened, "life") == step.Life && Text(happened, "recognitionState") == step.RecognitionState
            && (happened.Type == "contract.amended" ? Number(happened, "termsVersion") : Amended(happened, "version")?.GetInt64()) == step.AmendmentVersion,
            new("与相应的事件不符。", "It is not what the event of this version says."));
        Require(link, "/content", !step.WritesTerms || step.Content is not { } terms || (happened is not null
                && (step.AmendmentVersion is null ? Text(happened, "terms") : Amended(happened, "terms")?.GetString()) == Fingerprint.Of(terms.GetRawText())),
            new("条款与变更记录中的指纹不符。", "The terms do not have the fingerprint that the feed recorded."));
    }

    void Check(int link, PaymentRecord payment)
    {
        Require(link, "/contract", payment.Contract == _dossier.Contract, new($"档案属于合同 {_dossier.Contract}。", $"The dossier is of the contract {_dossier.Contract}."));
        RequireLast(link, payment.Id, payment.State, payment.Version);
        var last = Events(payment.Id).LastOrDefault();
        Require(link, "/amount", last is not null && Sum(last) == payment.Amount && Text(last, "reference") == payment.Reference, Disagrees(last));
    }

    void Check(int link, EventRecord happened)
    {
        Require(link, "/hash", happened.IsHashed, new("散列不符：事件被改动。", "The hash does not match: the event was changed."));
        Require(link, "/previous", Contents<EventRecord>().FirstOrDefault(e => e.Sequence == happened.Sequence - 1) is not { } previous || previous.Hash == happened.Previous,
            new("不接上一事件。", "It does not continue the event before it."));
        Require(link, "/subject", happened.Type == "subscription.matched" ? Terms is not { } terms || new[] { terms.Content?.Demand, terms.Content?.Achievement }.Contains(Text(happened, "listing"))
            : Subjects.Contains(happened.Subject), new($"{happened.Subject} 不属于此合同。", $"{happened.Subject} does not belong to this contract."));
        if (MachineOf(happened.Subject) is not { } machine)
        {
            return;
        }

        var earlier = Events(happened.Subject).TakeWhile(e => e != happened).LastOrDefault();
        var (state, version) = (Text(happened, "state"), Number(happened, "version"));
        var hasGaps = machine.Resource is "demand" or "achievement" || (happened.Subject == _dossier.Contract && Contents<TermsRecord>().LastOrDefault() is { Terms: null });
        Require(link, "/sequence", earlier is null || (earlier.Sequence < happened.Sequence && Number(earlier, "version") < version), new("事件次序颠倒。", "The events are in the wrong order."));
        // A party does not see every event of a listing, nor of a contract whose terms it does not read: only what follows directly must be a step of the machine.
        var follows = earlier is null ? version == 1 : version == Number(earlier, "version") + 1;
        Require(link, "/data/version", follows || hasGaps, new("缺少前一事件。", "The event before it is missing."));
        Require(link, "/data/state", !follows || (earlier is null ? state == machine.Initial : Correction(happened) is not null || IsStep(machine, Text(earlier, "state")!, state)),
            new($"从 {(earlier is null ? "——" : Text(earlier, "state"))} 不能到 {state}。", $"No step leads from {(earlier is null ? "nothing" : Text(earlier, "state"))} to {state}."));
        // A sum stays what it was computed or decided to be, until it is submitted anew or corrected.
        if (machine == ClaimLifecycle.Machine && earlier is not null && Text(earlier, "state") != ClaimLifecycle.Returned && Sum(earlier) is { } before)
        {
            // What has to be decided anew has no sum until then.
            var after = Sum(happened)?.Value ?? (Correction(happened) is null ? -1 : 0);
            Require(link, "/data/amount", after == before.Value || after == before.Value + Correction(happened)?.Difference.Value,
                new($"之前为 {before}。", $"It was {before} before."));
        }
    }

    void Check(int link, EntryRecord entry)
    {
        Require(link, "/hash", entry.ComputedHash is not { } hash || hash == entry.Hash, new("散列不符：分录被改动。", "The hash does not match: the entry was changed."));
        Require(link, "/previous", Contents<EntryRecord>().FirstOrDefault(e => e.Fund == entry.Fund && e.Number == entry.Number - 1) is not { } previous || previous.Hash == entry.Previous,
            new("不接上一分录。", "It does not continue the entry before it."));
        if (Contents<ClaimRecord>().FirstOrDefault(claim => claim.Id == entry.Claim) is not { } claim)
        {
            Require(link, "/claim", false, new("分录不属于档案中的申领。", "The entry belongs to no claim of this dossier."));
            return;
        }

        Require(link, "/kind", entry.Kind is EntryKind.Reserve or EntryKind.Release or EntryKind.Order or EntryKind.Fail or EntryKind.Pay or EntryKind.Return or EntryKind.Surrender
            && Accounts.Of(entry.Kind, claim.Payee) == (entry.Debit, entry.Credit), new("科目与分录种类不符。", "The accounts are not those of this kind of entry."));
        var earlier = Contents<EntryRecord>().Where(e => e.Claim == entry.Claim && e.Fund == entry.Fund).TakeWhile(e => e != entry).ToList();
        var before = earlier.LastOrDefault();
        Require(link, "/number", before is null || before.Number < entry.Number, new("分录次序颠倒。", "The entries are in the wrong order."));
        Require(link, "/kind", Follows(before?.Kind, entry.Kind), new(
            $"{before?.Kind.Code() ?? "——"} 之后不能是 {entry.Kind.Code()}。", $"{entry.Kind.Code()} cannot follow {before?.Kind.Code() ?? "nothing"}."));
        var reserved = entry.Kind == EntryKind.Reserve ? entry : earlier.LastOrDefault(e => e.Kind == EntryKind.Reserve);
        Require(link, "/amount", reserved is not null && (entry.Amount == reserved.Amount || (entry.Kind is EntryKind.Return or EntryKind.Surrender && entry.Amount < reserved.Amount)),
            new($"预留金额为 {reserved?.Amount}。", $"{reserved?.Amount} was reserved."));
        Require(link, "/resolves", entry.Resolves == (entry.Kind is EntryKind.Pay or EntryKind.Release ? reserved?.Number : null),
            new($"预留为分录 {reserved?.Number}。", $"The reservation is entry {reserved?.Number}."));
        Require(link, "/reference", entry.Reference == (entry.Kind == EntryKind.Pay ? claim.Reference : null), new($"申领的付款凭证号为 {claim.Reference}。", $"The claim's payment has the reference {claim.Reference}."));
    }

    static bool Follows(EntryKind? before, EntryKind kind) => kind switch
    {
        EntryKind.Reserve => before is null or EntryKind.Release,
        EntryKind.Order or EntryKind.Release => before is EntryKind.Reserve or EntryKind.Fail,
        EntryKind.Fail or EntryKind.Pay => before is EntryKind.Order,
        _ => before is EntryKind.Pay or EntryKind.Return or EntryKind.Surrender,
    };

    static bool IsStep(Lifecycle machine, string from, string? to) =>
        from == to || machine.Transitions.Any(t => t.To == to && t.From.Contains(from)) || (machine == ContractLifecycle.Machine && WasAmending(from, to));

    /// <summary>As a contract was amended before amendments lay beside the terms in force; one that was open then leads back to where it began.</summary>
    static bool WasAmending(string from, string? to) => to == ContractLifecycle.Amending
        ? from is ContractLifecycle.Signed or ContractLifecycle.Refused or ContractLifecycle.Recognised or ContractLifecycle.Completed
        : from == ContractLifecycle.Amending && to != ContractLifecycle.Draft;

    static Lifecycle? MachineOf(string subject) => subject.Split('_')[0] switch
    {
        "dem" => ListingLifecycle.Demands,
        "ach" => ListingLifecycle.Achievements,
        "itr" => IntroductionLifecycle.Machine,
        "con" => ContractLifecycle.Machine,
        "pay" => PaymentLifecycle.Machine,
        "clm" => ClaimLifecycle.Machine,
        _ => null,
    };

    /// <summary>The contract's present terms, where they can be read.</summary>
    (TermsRecord Record, ContractContent Content)? Terms =>
        Contents<TermsRecord>().LastOrDefault() is { } terms && ContentOf(terms) is { } content ? (terms, content) : null;

    /// <summary>The present terms, or earlier ones as they were last written.</summary>
    ContractContent? TermsOf(long version) => Terms is { } present && present.Record.TermsVersion == version ? present.Content
        : Contents<ContractStep>().LastOrDefault(step => step is { WritesTerms: true, Content: not null } && step.About <= version && CameIntoForce(step.About)) is { } written ? Parsed<ContractContent>(written.Content!.Value) : null;

    bool CameIntoForce(int version) => Contents<ContractStep>().Any(step => step.TermsVersion == version && step.Life == ContractLifecycle.Signed);

    static ContractContent? ContentOf(TermsRecord terms) => terms.Terms is { } stored ? Parsed<ContractContent>(stored) : null;

    /// <summary>Null unless everything is there that a sum is computed from.</summary>
    static ClaimBasis? BasisOf(ClaimRecord claim) => Parsed<ClaimBasis>(claim.Basis) is { Facts: not null, Receipt: not null, History: not null } basis
        && !basis.History.Contains(null!) ? basis : null;

    static T? Parsed<T>(JsonElement stored)
        where T : class
    {
        try
        {
            return Json.Read<T>(stored.GetRawText());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    IEnumerable<string> Subjects =>
    [
        _dossier.Contract, .. Contents<ListingRecord>().Select(listing => listing.Id), .. Contents<IntroductionRecord>().Select(introduction => introduction.Id),
        .. Contents<PaymentRecord>().Select(payment => payment.Id), .. Contents<ClaimRecord>().Select(claim => claim.Id),
    ];

    EventRecord? Recognised(long termsVersion) => Events(_dossier.Contract).LastOrDefault(e =>
        e.Type == $"contract.{ContractLifecycle.Recognised}" && Number(e, "termsVersion") == termsVersion);

    IEnumerable<T> Contents<T>() => _contents.Select(content => content.Content).OfType<T>();

    IEnumerable<EventRecord> Events(string subject) => Contents<EventRecord>().Where(e => e.Subject == subject);

    static string? Text(EventRecord happened, string member) =>
        happened.Data.ValueKind == JsonValueKind.Object && happened.Data.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static long? Number(EventRecord happened, string member) =>
        happened.Data.ValueKind == JsonValueKind.Object && happened.Data.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var number) ? number : null;

    /// <summary>A member of what an event says of an amendment.</summary>
    static JsonElement? Amended(EventRecord happened, string member) =>
        happened.Data.ValueKind == JsonValueKind.Object && happened.Data.TryGetProperty("amendment", out var amendment) && amendment.ValueKind == JsonValueKind.Object
            && amendment.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.Number or JsonValueKind.String ? value : null;

    /// <summary>What a change of the contract did to a claim: the terms that it rested on before, and by how much it changed.</summary>
    static (int TermsVersion, Fen Difference)? Correction(EventRecord happened) =>
        happened.Data.ValueKind == JsonValueKind.Object && happened.Data.TryGetProperty("correction", out var value) && value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty("termsVersion", out var version) && version.TryGetInt32(out var terms)
            && value.TryGetProperty("difference", out var difference) && Fen.TryParseYuan(difference.GetRawText(), out var fen) ? (terms, fen) : null;

    static Fen? Sum(EventRecord happened) =>
        happened.Data.ValueKind == JsonValueKind.Object && happened.Data.TryGetProperty("amount", out var value) && Fen.TryParseYuan(value.GetRawText(), out var sum) ? sum : null;

    /// <summary>The record is what its last event left it as.</summary>
    void RequireLast(int link, string subject, string state, int version)
    {
        var last = Events(subject).LastOrDefault();
        Require(link, "/state", last is not null && (Text(last, "state") == state || Text(last, "state") == ContractLifecycle.Amending), Disagrees(last));
        Require(link, "/version", last is not null && Number(last, "version") == version, Disagrees(last));
    }

    static Wording Disagrees(EventRecord? last) => last is null
        ? new("没有关于它的事件。", "No event is about it.")
        : new($"与最后的事件 {last.Sequence} 不符。", $"It is not what the last event, {last.Sequence}, says.");

    void Require(int? link, string member, bool holds, Wording message)
    {
        if (!holds)
        {
            _faults.Add(new(link, member, message));
        }
    }
}
