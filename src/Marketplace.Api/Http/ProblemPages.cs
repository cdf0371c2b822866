namespace Marketplace.Api.Http;

/// <summary>What a problem's <c>type</c> answers: meaning, cause and fix, for a person.</summary>
static class ProblemPages
{
    public static void MapProblemPages(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/problems/{code}", (string code, HttpRequest request) =>
        {
            var type = Problems.All.FirstOrDefault(type => type.Code == code) ?? throw Problems.NotFound();
            var language = request.Language();
            return Pages.Page(language, type.Code, $"""<main class="narrow">{language.First().Select(shown => Section(type, shown))}</main>""");
        }).ExcludeFromDescription();

    static Markup Section(ProblemType type, Language shown)
    {
        var (cause, fix) = shown == Language.English ? ("Cause", "What to do") : ("原因", "如何处理");
        return $"""
            <section class="problem" lang="{shown.Tag()}"><h1>{type.Title.In(shown)}</h1>
            <p><code>{type.Code}</code> · HTTP {type.Status}</p>
            <h2>{cause}</h2><p>{type.Cause.In(shown)}</p><h2>{fix}</h2><p>{type.Fix.In(shown)}</p></section>
            """;
    }
}
