using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>The policies for people: what is paid, on which words it rests, what is open and who decided it.</summary>
static class PolicyPages
{
    public static IResult One(Policy policy, PolicyAnalysis analysis, DateOnly today, Language language)
    {
        var title = policy.Title.In(language);
        return Pages.Page(language, title, $"""
            <main><p><a href="../policies">{Say("全部政策", "All policies")}</a></p>
            <h1>{policy.Title.Both(language)}</h1>
            <dl>
            <dt>{Say("编号与版本", "Id and version")}</dt><dd><code>{policy.Id}</code> · {policy.Version}</dd>
            <dt>{Say("负责部门", "Carried out by")}</dt><dd>{policy.Authority.Both(language)}</dd>
            <dt>{Say("适用地区", "Region")}</dt><dd>{policy.Region}</dd>
            <dt>{Say("施行", "In force")}</dt><dd>{Dates(policy, today, language)} {Cited(policy.InForce.Clauses)}</dd>
            <dt>{Say("核实", "Last confirmed")}</dt><dd>{(policy.InForce.ConfirmedOn is { } day ? (Markup)$"{day}" : Say("尚无人核实", "by nobody yet"))}</dd>
            <dt>{Say("依据日期", "Governed by")}</dt><dd>{policy.GovernedBy.Label().Both(language)}</dd>
            <dt>{Say("原文", "Source")}</dt><dd>{(policy.Source.Url is { } url ? (Markup)$"<a href=\"{url}\" rel=\"noreferrer\">{policy.Source.File}</a>" : $"{policy.Source.File}")}</dd>
            <dt>{Say("内容摘要值", "Content hash")}</dt><dd><code>{policy.Hash}</code></dd>
            </dl>
            <h2>{Say("补贴项", "Awards")}</h2>{policy.Awards.Select(AwardArticle)}
            {Section(Say("并享规则", "How the awards bear on each other"), policy.Periods[^1].Rules.Stacking, rule => $"<li>{PolicyWords.Of(rule, policy).Both(language)} {Rests(rule.Basis)}</li>")}
            {Section(Say("专项资金", "Funds"), policy.Funds, fund => $"<li>{PolicyWords.Of(fund, policy).Both(language)} {Cited(fund.Clauses)}</li>")}
            <h2>{Say("条款与其中的数", "Clauses and the numbers they found")}</h2><div class="wide"><table>
            <tr><th scope="col">{Say("条", "Article")}</th><th scope="col">{Say("原文", "Quote")}</th><th scope="col">{Say("参数", "Parameters")}</th></tr>
            {policy.Clauses.Select(ClauseRow)}</table></div>
            <h2>{Say("解释口径", "Interpretations")}</h2>{policy.Interpretations.Select(InterpretationArticle)}
            {Section(Say("未提供事实时的假定", "What is assumed where a fact is not stated"), policy.Assumptions, AssumptionItem)}
            {Section(Say("未编码条款", "Clauses that are not computed"), policy.Unencoded, clause => $"<li>{Article(clause.Article)} {clause.Why.Both(language)} {Cited(clause.Clause)}</li>")}
            </main>
            """);

        Markup Say(string zh, string en) => new Wording(zh, en).Both(language);

        Markup Article(string article) => $"""<span class="tag">{(language == Language.English ? "art. " : "条 ")}{article}</span>""";

        Markup Cited(params IEnumerable<string?> clauses) =>
            $"{clauses.Where(clause => clause is not null).Select(clause => (Markup)$"""<a class="tag" href="#clause-{clause}">{clause}</a> """)}";

        Markup Rests(Basis basis) => basis.Interpretation is { } open
            ? $"""{Cited(basis.Clause)}<a class="tag" href="#interpretation-{open}">{(language == Language.English ? "reading: " : "口径:")}{open}</a>""" : Cited(basis.Clause);

        Markup AwardArticle(Award award) => $"""
            <article id="award-{award.Id}"><h3>{award.Label.Both(language)}</h3>
            <dl><dt>{Say("补贴对象", "Payee")}</dt><dd>{PolicyWords.Of(award.Payee).Both(language)}</dd>
            <dt>{Say("条件", "Conditions")}</dt><dd><ul>{award.Conditions.Select(c => (Markup)$"<li>{c.Statement.Both(language)} {Rests(c.Basis)}</li>")}</ul></dd>
            <dt>{Say("金额", "Amount")}</dt><dd>{PolicyWords.Of(award.Amount).Both(language)} {Rests(award.Amount.Basis)}</dd>
            {(award.LessPaid is not { } total ? default : (Markup)$"""<dt>{Say("累计", "Total")}</dt><dd>{PolicyWords.Of(total).Both(language)} {Rests(total.Basis)}</dd>""")}
            {(award.Limits.Count == 0 ? default : (Markup)$"""<dt>{Say("限额", "Limits")}</dt><dd><ul>{award.Limits.Select(l => (Markup)$"<li>{PolicyWords.Of(l).Both(language)} {Rests(l.Basis)}</li>")}</ul></dd>""")}
            <dt>{Say("取整", "Rounding")}</dt><dd>{PolicyWords.Of(award.Rounding).Both(language)} {Rests(award.Rounding.Basis)}</dd></dl>
            {Curves(award).Select((curve, i) => AwardChart.Of($"{award.Id}-{i}", award, curve, language))}</article>
            """;

        // As the numbers stand in the latest period, like the words above.
        IEnumerable<AwardCurve> Curves(Award award) =>
            analysis.Awards.LastOrDefault(one => one.Award == award.Id)?.Curves.Where(curve => curve.IsBase).Select(AwardCurve.Of).OfType<AwardCurve>() ?? [];

        Markup ClauseRow(Clause clause) => $"""
            <tr id="clause-{clause.Id}"><td>{Article(clause.Article)}<br><code>{clause.Id}</code></td>
            <td><blockquote lang="zh-CN">{clause.Quote}</blockquote>{(clause.Erratum is { } erratum
                ? (Markup)$"""<p>{Say("更正", "Read as")}: <q lang="zh-CN">{clause.Corrected}</q> — {erratum.Why.Both(language)}</p>""" : default)}</td>
            <td>{policy.Parameters.Where(p => p.Clause == clause.Id).Select(p => (Markup)$"<div><b>{p.Literal}</b>{Span(p)} <code>{p.Path}</code></div>")}</td></tr>
            """;

        Markup Span(Parameter dated) => (dated.From, dated.To) switch
        {
            (null, null) => default,
            var (from, to) => $" ({(from is { } first ? (Markup)$"{first}" : $"…")} – {(to is { } last ? (Markup)$"{last}" : $"…")})",
        };

        Markup InterpretationArticle(Interpretation open) => $"""
            <article id="interpretation-{open.Id}"><h3>{open.Question.Both(language)}</h3><p><code>{open.Id}</code> {Cited(open.Clause)}</p>
            <ul>{open.Readings.Select(reading => (Markup)$"""<li>{(reading.Id == open.Chosen ? (Markup)$"""<b class="yes">✓ {Say("采用", "chosen")}</b> """ : default)}{reading.Label.Both(language)} <code>{reading.Id}</code></li>""")}</ul>
            <p>{Say("决定", "Decided by")}: {(open.By is { } by
                ? (Markup)$"{by.Office}{(by.On is { } on ? (Markup)$", {on}" : default)}{(by.Paper is { } paper ? (Markup)$", {paper}" : default)}"
                : $"""<span class="no">{Say("尚无人决定，结果为暂定", "nobody yet, so that answers are provisional")}</span>""")}</p></article>
            """;

        Markup AssumptionItem(Assumption assumed) => $"""
            <li>{assumed.Fact.Label().Both(language)}: {(assumed.Instead is { } other ? other.Label().Both(language) : $"{assumed.Value}")} — {assumed.Why.Both(language)}</li>
            """;
    }

    /// <param name="page">Of the list.</param>
    /// <param name="next">Address of the page after it, if there is one.</param>
    /// <param name="today">Tells which are in force.</param>
    /// <param name="language">The reader's.</param>
    public static IResult Many(IReadOnlyList<Policy> page, string? next, DateOnly today, Language language)
    {
        return Pages.Page(language, Heading.In(language), $"""
            <main><h1>{Heading.Both(language)}</h1><div class="wide"><table>
            <tr><th scope="col">{new Wording("政策", "Policy").Both(language)}</th><th scope="col">{new Wording("地区", "Region").Both(language)}</th><th scope="col">{new Wording("施行", "In force").Both(language)}</th></tr>
            {page.Select(policy => (Markup)$"""
                <tr><td><a href="policies/{policy.Id}">{policy.Title.In(language)}</a><br><code>{policy.Id}</code> · {policy.Version}</td><td>{policy.Region}</td><td>{Dates(policy, today, language)}</td></tr>
                """)}
            </table></div>{(next is null ? default : (Markup)$"""<p><a rel="next" href="{next}">{new Wording("下一页", "Next page").Both(language)}</a></p>""")}</main>
            """);
    }

    static readonly Wording Heading = new("科技政策", "Policies");

    static Markup Dates(Policy policy, DateOnly today, Language language)
    {
        var (mark, said) = policy.InForce.Contains(today) ? ("yes", new Wording("现行有效", "in force today")) : ("no", new("今日无效", "not in force today"));
        return $"""{policy.InForce.From} – {(policy.InForce.To is { } to ? (Markup)$"{to}" : $"…")} <span class="{mark}">{said.In(language)}</span>""";
    }

    static Markup Section<T>(Markup title, IReadOnlyList<T> parts, Func<T, Markup> show) =>
        parts.Count == 0 ? default : (Markup)$"<h2>{title}</h2><ul>{parts.Select(show)}</ul>";
}
