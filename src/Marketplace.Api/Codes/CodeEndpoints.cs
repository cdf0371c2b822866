using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Imports;
using Marketplace.Api.Introductions;
using Marketplace.Api.Learning;
using Marketplace.Api.Listings;
using Marketplace.Api.Matches;
using Marketplace.Api.Parties;
using Marketplace.Api.Subscriptions;
using Marketplace.Matching;
using Marketplace.Rules;

namespace Marketplace.Api.Codes;

/// <param name="List">The member or filter that takes the code.</param>
/// <param name="Code">The code, as it is sent.</param>
/// <param name="Label">In the caller's language.</param>
/// <param name="Zh">In Chinese.</param>
/// <param name="En">In English.</param>
/// <param name="NationalCode">The number in a national list, where there is one.</param>
public sealed record CodeView(string List, string Code, string Label, string Zh, string En, string? NationalCode);

public sealed record CodeList(IReadOnlyList<CodeView> Data);

/// <summary>Every code of the API with its names.</summary>
static class CodeEndpoints
{
    static readonly IReadOnlyList<CodeView> All =
    [
        .. Labelled<TechnologyField>("field"), .. Labelled<CooperationMode>("mode"), .. Labelled<DemandKind>("demandKind"),
        .. Labelled<RightKind>("rightKind"), .. Labelled<PriceMode>("priceMode"), .. Labelled<PartyKind>("partyKind"),
        .. Labelled<DeclineReason>("declineReason"), .. Labelled<SearchedSide>("searchedSide"), .. Labelled<DuplicateEvidence>("duplicateEvidence"), .. Labelled<ImportResult>("importOutcome"),
        .. Labelled<TrainingReason>("trainingReason"),
        .. FactNames.Kinds.Select(kind => new CodeView("contractKind", kind.Wire(), "", kind.Label().Zh, kind.Label().En, null)),
        .. Named<Payee>("payee", CodeLabels.Of), .. Named<Subject>("awardSubject", FactNames.Label), .. Named<EntityKind>("entityKind", FactNames.Label), .. Named<Outcome>("awardOutcome", CodeLabels.Of), .. Named<Certainty>("certainty", CodeLabels.Of),
        .. Named<StepKind>("stepKind", CodeLabels.Of), .. Named<ParameterUnit>("parameterUnit", CodeLabels.Of),
        .. Named<Severity>("severity", CodeLabels.Of), .. Named<ProofStatus>("proofStatus", CodeLabels.Of), .. Named<ReasonKind>("matchReason", CodeLabels.Of), .. Named<Verdict>("verdict", CodeLabels.Of),
        .. FactNames.All.Select(fact => new CodeView("fact", fact.Wire(), "", fact.Label().Zh, fact.Label().En, null)),
        .. Machines.SelectMany(States), .. Labelled<NumberFormat>("numberFormat"), .. Labelled<Likeness>("contractLikeness"), .. Labelled<EntryKind>("entryKind"),
        .. RoleLabels.Select(role => new CodeView("role", role.Code, "", role.Zh, role.En, null)), .. Capacities,
        .. Regions.Select(region => new CodeView("region", region.Code, "", region.Zh, region.En, region.Code)),
    ];

    static IEnumerable<Lifecycle> Machines =>
    [
        ListingLifecycle.Demands, ListingLifecycle.Achievements, ListingLifecycle.Revisions, IntroductionLifecycle.Machine, ContractLifecycle.Machine, ContractLifecycle.Life,
        ContractLifecycle.Recognition, PaymentLifecycle.Machine, SubscriptionLifecycle.Machine, ClaimLifecycle.Machine, FundLifecycle.Machine,
    ];

    static IEnumerable<(string Code, string Zh, string En)> RoleLabels =>
    [
        (Roles.Member, "成员", "Member"), (Roles.Moderator, "信息审核员", "Moderator"), (Roles.Registrar, "技术合同登记员", "Registrar"),
        (Roles.Reviewer, "补贴审查员", "Reviewer"), (Roles.Approver, "补贴审批人", "Approver"), (Roles.Payer, "支付人员", "Payer"),
        (Roles.FundManager, "资金管理员", "Fund manager"), (Roles.Auditor, "审计员", "Auditor"), (Roles.Admin, "系统管理员", "Administrator"),
    ];

    /// <summary>GB/T 2260: Qinghai and the districts and counties of Xining.</summary>
    static IEnumerable<(string Code, string Zh, string En)> Regions =>
    [
        ("630000", "青海省", "Qinghai"), ("630100", "西宁市", "Xining"), ("630102", "城东区", "Chengdong"), ("630103", "城中区", "Chengzhong"),
        ("630104", "城西区", "Chengxi"), ("630105", "城北区", "Chengbei"), ("630106", "湟中区", "Huangzhong"),
        ("630121", "大通回族土族自治县", "Datong"), ("630123", "湟源县", "Huangyuan"), ("630200", "海东市", "Haidong"),
        ("632200", "海北藏族自治州", "Haibei"), ("632300", "黄南藏族自治州", "Huangnan"), ("632500", "海南藏族自治州", "Hainan (Qinghai)"),
        ("632600", "果洛藏族自治州", "Golog"), ("632700", "玉树藏族自治州", "Yushu"), ("632800", "海西蒙古族藏族自治州", "Haixi"),
    ];

    static readonly Dictionary<string, (string Zh, string En)> Labels =
        All.Where(code => code.List is "field" or "mode" or "region").ToDictionary(code => code.Code, code => (code.Zh, code.En));

    /// <summary>What a field, mode or region is called; a code that the list lacks stands for itself.</summary>
    public static (string Zh, string En) Label(string code) => Labels.GetValueOrDefault(code, (code, code));

    /// <summary>The code of a region that the list has by this name; null where it has none or several.</summary>
    public static string? RegionNamed(string name) =>
        Regions.Where(region => region.Zh == name || region.En.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList() is [var only] ? only.Code : null;

    public static void MapCodes(this IEndpointRouteBuilder api) =>
        api.MapGet("/codes", (HttpRequest request) =>
            {
                var english = request.Language() == Language.English;
                return Results.Json(new CodeList([.. All.Select(code => code with { Label = english ? code.En : code.Zh })]), Json.Options);
            })
            .Produces<CodeList>().WithSummary("Every code with its Chinese and English label.").WithTags("codes");

    static IEnumerable<CodeView> Labelled<T>(string list)
        where T : struct, Enum =>
        Enum.GetValues<T>().Select(value =>
        {
            var label = value.LabelOf();
            return new CodeView(list, value.Code(), "", label.Wording.Zh, label.Wording.En, label.National);
        });

    static IEnumerable<CodeView> Named<T>(string list, Func<T, Wording> name)
        where T : struct, Enum =>
        Enum.GetValues<T>().Select(value => new CodeView(list, value.Code(), "", name(value).Zh, name(value).En, null));

    static IEnumerable<CodeView> States(Lifecycle machine) => machine.States.Select(state =>
        new CodeView($"{machine.Resource}State", state, "", LifecycleLabels.OfState(state).Zh, LifecycleLabels.OfState(state).En, null));

    static IEnumerable<CodeView> Capacities => Machines.SelectMany(machine => machine.Transitions).SelectMany(row => row.Who).Distinct().Except(RoleLabels.Select(role => role.Code))
        .Select(who => new CodeView("capacity", who, "", LifecycleLabels.OfCapacity(who).Zh, LifecycleLabels.OfCapacity(who).En, null));
}
