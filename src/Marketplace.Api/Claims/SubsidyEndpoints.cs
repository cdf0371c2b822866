using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

// 公示: what was paid out of public money, for everybody to read, without who exactly received it.

sealed record SubsidyQuery : PageQuery
{
    [StringLength(100, MinimumLength = 1)]
    public string? Policy { get; init; }

    /// <summary>Of the buyer; the first digits of a code name the region that they stand for.</summary>
    [RegularExpression("[1-9][0-9]{1,5}")]
    public string? Region { get; init; }

    /// <summary>In which it was paid.</summary>
    [Range(2000, 2100)]
    public int? Year { get; init; }
}

/// <summary>A subsidy that was paid and not given back.</summary>
/// <param name="Id">Of this entry alone; it leads to no other record.</param>
/// <param name="Clause">The words that the sum rests on.</param>
/// <param name="Amount">In yuan, without what was given back since.</param>
/// <param name="PaidOn">The day on which the bank's confirmation was recorded.</param>
/// <param name="Region">Of the buyer.</param>
/// <param name="Payee">
/// Of an organisation's name the first two characters and the last two, of a short one the first; of a natural person nothing.
/// </param>
public sealed record Subsidy(
    string Id, string Policy, string PolicyVersion, string Award, ClauseView? Clause, Fen Amount, DateOnly PaidOn, string Region, string Payee)
{
    internal static Subsidy Of(ClaimRow claim, PartyRow payee) => new(
        claim.Subsidy!, claim.Policy, claim.PolicyVersion, claim.Award, claim.Gist.Clause, new(claim.Fen!.Value - claim.Recovered),
        DateOnly.FromDateTime(claim.PaidAt!.Value.InBeijing().DateTime), claim.Region, Masked(payee));

    static string Masked(PartyRow party)
    {
        const string hidden = "**";
        var name = party.Name.EnumerateRunes().ToList();
        return party.CreditCode is null ? hidden
            : name.Count < 6 ? $"{name[0]}{hidden}"
            : $"{name[0]}{name[1]}{hidden}{name[^2]}{name[^1]}";
    }
}

static class SubsidyEndpoints
{
    static readonly Wording Heading = new("已支付补贴公示", "Subsidies paid");

    public static void MapSubsidies(this IEndpointRouteBuilder api) =>
        api.MapGet("/subsidies", List).AlsoPage().Produces<Page<Subsidy>>().WithTags("subsidies")
            .WithSummary("What was paid, by which clause, to payees whose names are masked; the newest first.");

    static async Task<IResult> List(Query<SubsidyQuery> query, Session session, HttpContext http)
    {
        var q = query.Value;
        var rows = await ClaimSql.Paid(session, q, q.After(http.Request.Path), q.Limit + 1);
        var payees = (await PartySql.ByIds(session, [.. rows.Select(row => row.Payee).Distinct()])).ToDictionary(party => party.Id);
        var page = q.ToPage(http, rows, row => row.Subsidy!, row => Subsidy.Of(row, payees[row.Payee]));
        return http.Request.WantsPage() ? AsPage(page, http.Request) : Results.Json(page, Json.Options);
    }

    static IResult AsPage(Page<Subsidy> page, HttpRequest request)
    {
        var language = request.Language();
        return Pages.Page(language, Heading.In(language), $"""
            <main><h1>{Heading.Both(language)}</h1><div class="wide"><table>
            <tr><th scope="col">{Say("支付日期", "Paid on")}</th><th scope="col">{Say("收款单位", "Payee")}</th><th scope="col">{Say("金额（元）", "Yuan")}</th><th scope="col">{Say("依据", "By")}</th><th scope="col">{Say("地区", "Region")}</th></tr>
            {page.Data.Select(subsidy => (Markup)$"""
                <tr><td>{subsidy.PaidOn}</td><td>{subsidy.Payee}</td><td>{subsidy.Amount.ToYuanText()}</td>
                <td><a href="policies/{subsidy.Policy}">{subsidy.Policy}</a> {subsidy.Award}{(subsidy.Clause is { } clause ? (Markup)$"""<br><span class="tag">{clause.Article}</span> <q lang="zh-CN">{clause.Corrected ?? clause.Quote}</q>""" : default)}</td>
                <td>{Place(subsidy.Region)}</td></tr>
                """)}
            </table></div>{(page.NextCursor is { } next ? (Markup)$"""<p><a rel="next" href="{Paging.Following(request, next)}">{Say("下一页", "Next page")}</a></p>""" : default)}</main>
            """);

        Markup Say(string zh, string en) => new Wording(zh, en).Both(language);

        // A code that has no name stands once.
        Markup Place(string region) => CodeEndpoints.Label(region) is var (zh, en) && zh != en ? Say(zh, en) : (Markup)$"{region}";
    }
}
