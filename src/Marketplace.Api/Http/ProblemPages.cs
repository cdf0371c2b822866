using System.Net;
using System.Text;

namespace Marketplace.Api.Http;

/// <summary>What a problem's <c>type</c> answers: meaning, cause and fix, for a person.</summary>
static class ProblemPages
{
    public static void MapProblemPages(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/problems/{code}", (string code, HttpContext http) =>
        {
            var type = Problems.All.FirstOrDefault(type => type.Code == code) ?? throw Problems.NotFound();
            return Results.Content(Page(type, http.Request.Language()), "text/html; charset=utf-8");
        }).ExcludeFromDescription();

    static string Page(ProblemType type, Language language)
    {
        var english = language == Language.English;
        var html = new StringBuilder();
        html.Append(System.Globalization.CultureInfo.InvariantCulture,
            $$"""
            <!doctype html>
            <html lang="{{(english ? "en" : "zh-CN")}}"><head><meta charset="utf-8"><title>{{type.Code}}</title>
            <meta name="viewport" content="width=device-width">
            <style>body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1c2733}code{background:#eef2f6;padding:.1em .4em;border-radius:4px}h2{font-size:1rem;margin-bottom:0;color:#57687a}</style>
            </head><body>
            """);
        foreach (var shown in english ? [Language.English, Language.Chinese] : new[] { Language.Chinese, Language.English })
        {
            var (cause, fix) = shown == Language.English ? ("Cause", "What to do") : ("原因", "如何处理");
            html.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"""
                <section lang="{(shown == Language.English ? "en" : "zh-CN")}"><h1>{Text(type.Title.In(shown))}</h1>
                <p><code>{type.Code}</code> · HTTP {type.Status}</p>
                <h2>{cause}</h2><p>{Text(type.Cause.In(shown))}</p><h2>{fix}</h2><p>{Text(type.Fix.In(shown))}</p></section>
                """);
        }

        return html.Append("</body></html>").ToString();
    }

    static string Text(string text) => WebUtility.HtmlEncode(text);
}
