using System.Globalization;

namespace Marketplace.Matching;

/// <summary>
/// The sentences about the criteria, in both languages. Codes stand as they are: labels belong to whoever knows the code lists.
/// </summary>
internal static class Wording
{
    public static (string Zh, string En) Of(ReasonKind criterion, Verdict verdict, Query query, Listing listing) => criterion switch
    {
        ReasonKind.Field => Field(verdict, query.Field, listing.Field),
        ReasonKind.Region => Region(verdict, query.Region, listing.Region),
        ReasonKind.Budget => Budget(verdict, query, listing),
        ReasonKind.Readiness => Readiness(verdict, query, listing),
        ReasonKind.Mode => Mode(verdict, query, listing),
        _ => ("", ""),
    };

    private static (string Zh, string En) Field(Verdict verdict, string? asked, string? stated) => verdict switch
    {
        Verdict.Met => ($"领域一致:{stated}", $"Same field: {stated}."),
        Verdict.Unmet => ($"领域不同:{stated},本方为 {asked}", $"Another field: {stated}, not {asked}."),
        _ => ("对方未填写领域", "The field is not stated."),
    };

    private static (string Zh, string En) Region(Verdict verdict, string? asked, string? stated) => verdict switch
    {
        Verdict.Met => Evidence.Nearness(asked!, stated!) switch
        {
            1 => ($"同一地区:{stated}", $"Same district: {stated}."),
            0.75 => ($"同一城市:{stated}", $"Same city: {stated}."),
            _ => ($"同一省份:{stated}", $"Same province: {stated}."),
        },
        Verdict.Unmet => ($"不在同一省份:{stated}", $"Another province: {stated}."),
        _ => ("对方未填写地区", "The region is not stated."),
    };

    private static (string Zh, string En) Budget(Verdict verdict, Query query, Listing listing)
    {
        (MoneyRange? budget, MoneyRange? price) = Evidence.Money(query, listing);
        string lowest = Yuan(price?.Low), most = Yuan(budget?.High ?? budget?.Low);
        return verdict switch
        {
            Verdict.Met => ($"价格 {lowest} 元,在预算 {most} 元之内", $"The price of {lowest} yuan is within the budget of {most} yuan."),
            Verdict.Unmet => ($"价格 {lowest} 元,超出预算 {most} 元", $"The price of {lowest} yuan is above the budget of {most} yuan."),
            _ when price?.Low is null => ("价格未填写或面议", "The price is not stated, or is negotiated."),
            _ => ("预算未填写或无上限", "The budget is not stated, or has no upper end."),
        };
    }

    private static (string Zh, string En) Readiness(Verdict verdict, Query query, Listing listing)
    {
        (int? least, int? reached) = Evidence.Readiness(query, listing);
        return verdict switch
        {
            Verdict.Met => ($"技术成熟度 {reached} 级,达到要求的 {least} 级", $"Readiness level {reached} reaches the {least} asked for."),
            Verdict.Unmet => ($"技术成熟度 {reached} 级,低于要求的 {least} 级", $"Readiness level {reached} is below the {least} asked for."),
            _ => ("对方未填写技术成熟度", "The technology readiness is not stated."),
        };
    }

    private static (string Zh, string En) Mode(Verdict verdict, Query query, Listing listing) => verdict switch
    {
        Verdict.Met => ($"合作方式相符:{Evidence.CommonMode(query, listing)}", $"Both want the mode {Evidence.CommonMode(query, listing)}."),
        Verdict.Unmet => ($"合作方式不符:{string.Join('、', listing.Modes)}", $"No mode in common: {string.Join(", ", listing.Modes)}."),
        _ => ("对方未填写合作方式", "The cooperation modes are not stated."),
    };

    private static string Yuan(long? fen) => fen is { } stated ? (stated / 100m).ToString("0.##", CultureInfo.InvariantCulture) : "";
}
