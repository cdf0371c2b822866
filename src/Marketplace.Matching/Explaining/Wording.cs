using System.Globalization;

namespace Marketplace.Matching;

/// <summary>
/// The sentences about the criteria, in both languages. The labels of codes come from the caller, who knows the code lists.
/// </summary>
internal static class Wording
{
    public static Reason Reason(Part part, Query query, Listing listing, Func<string, (string Zh, string En)> labels)
    {
        (string zh, string en) = Of(part.Kind, part.Verdict, query, listing, labels);
        return new Reason(part.Kind, part.Weight, part.Verdict, zh, en, []);
    }

    private static (string Zh, string En) Of(
        ReasonKind criterion, Verdict verdict, Query query, Listing listing, Func<string, (string Zh, string En)> labels) => criterion switch
    {
        ReasonKind.Meaning => verdict == Verdict.Met
            ? ("含义相近（由本市场的文本与成交学得）", "Near in meaning, as learned from the market's texts and deals.")
            : ("含义不相近", "Not near in meaning."),
        ReasonKind.Field => Field(verdict, query.Field, listing.Field, labels),
        ReasonKind.Region => Region(verdict, query.Region, listing.Region, labels),
        ReasonKind.Budget => Budget(verdict, query, listing),
        ReasonKind.Readiness => Readiness(verdict, query, listing),
        ReasonKind.Mode => Mode(verdict, query, listing, labels),
        _ => ("", ""),
    };

    private static (string Zh, string En) Field(
        Verdict verdict, string? asked, string? stated, Func<string, (string Zh, string En)> labels) => verdict switch
    {
        Verdict.Met => ($"领域一致：{labels(stated!).Zh}", $"Same field: {labels(stated!).En}."),
        Verdict.Unmet => (
            $"领域不同：{labels(stated!).Zh}，本方为{labels(asked!).Zh}", $"Another field: {labels(stated!).En}, not {labels(asked!).En}."),
        _ => ("对方未填写领域", "The field is not stated."),
    };

    private static (string Zh, string En) Region(
        Verdict verdict, string? asked, string? stated, Func<string, (string Zh, string En)> labels) => verdict switch
    {
        Verdict.Met => Evidence.Nearness(asked!, stated!) switch
        {
            1 => ($"同一地区：{labels(stated!).Zh}", $"Same district: {labels(stated!).En}."),
            0.75 => ($"同一城市：{labels(stated!).Zh}", $"Same city: {labels(stated!).En}."),
            _ => ($"同一省份：{labels(stated!).Zh}", $"Same province: {labels(stated!).En}."),
        },
        Verdict.Unmet => ($"不在同一省份：{labels(stated!).Zh}", $"Another province: {labels(stated!).En}."),
        _ => ("对方未填写地区", "The region is not stated."),
    };

    private static (string Zh, string En) Budget(Verdict verdict, Query query, Listing listing)
    {
        (MoneyRange? budget, MoneyRange? price) = Evidence.Money(query, listing);
        string lowest = Yuan(price?.Low), most = Yuan(budget?.High ?? budget?.Low);
        return verdict switch
        {
            Verdict.Met => ($"价格 {lowest} 元，在预算 {most} 元之内", $"The price of {lowest} yuan is within the budget of {most} yuan."),
            Verdict.Unmet => ($"价格 {lowest} 元，超出预算 {most} 元", $"The price of {lowest} yuan is above the budget of {most} yuan."),
            _ when price?.Low is null => ("价格未填写或面议", "The price is not stated, or is negotiated."),
            _ => ("预算未填写或无上限", "The budget is not stated, or has no upper end."),
        };
    }

    private static (string Zh, string En) Readiness(Verdict verdict, Query query, Listing listing)
    {
        (int? least, int? reached) = Evidence.Readiness(query, listing);
        return verdict switch
        {
            Verdict.Met => ($"技术成熟度 {reached} 级，达到要求的 {least} 级", $"Readiness level {reached} reaches the {least} asked for."),
            Verdict.Unmet => ($"技术成熟度 {reached} 级，低于要求的 {least} 级", $"Readiness level {reached} is below the {least} asked for."),
            _ => ("对方未填写技术成熟度", "The technology readiness is not stated."),
        };
    }

    private static (string Zh, string En) Mode(
        Verdict verdict, Query query, Listing listing, Func<string, (string Zh, string En)> labels) => verdict switch
    {
        Verdict.Met => (
            $"合作方式相符：{labels(Evidence.CommonMode(query, listing)!).Zh}",
            $"Both want the mode {labels(Evidence.CommonMode(query, listing)!).En}."),
        Verdict.Unmet => (
            $"合作方式不符：{string.Join('、', listing.Modes.Select(mode => labels(mode).Zh))}",
            $"No mode in common: {string.Join(", ", listing.Modes.Select(mode => labels(mode).En))}."),
        _ => ("对方未填写合作方式", "The cooperation modes are not stated."),
    };

    private static string Yuan(long? fen) => fen is { } stated ? (stated / 100m).ToString("0.##", CultureInfo.InvariantCulture) : "";
}
