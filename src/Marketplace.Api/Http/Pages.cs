using System.Security.Cryptography;
using System.Text;
using Marketplace.Rules;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Api.Http;

/// <summary>Pages for people, at addresses that answer programs in JSON: no script, nothing from elsewhere, light and dark.</summary>
static class Pages
{
    public const string MediaType = "text/html";

    const string Style = """
        :root{color-scheme:light dark;--ink:#1c2733;--soft:#57687a;--line:#d5dde5;--tint:#eef2f6;--paper:#fff;--accent:#0b63a5;--warn:#8a5300;--ok:#18663a}
        @media(prefers-color-scheme:dark){:root{--ink:#e3e9ef;--soft:#9fb0c0;--line:#38454f;--tint:#212b33;--paper:#151b20;--accent:#74b9f2;--warn:#e5ae5c;--ok:#7bcf9b}}
        *{box-sizing:border-box}
        body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--paper)}
        main.narrow{max-width:42rem;margin:auto}
        h1{font-size:1.6rem;line-height:1.3}h1 .other{display:block;font-size:1rem;font-weight:400}h2{font-size:1.2rem;margin:2.4rem 0 .6rem;border-bottom:1px solid var(--line)}h3{font-size:1.05rem;margin:0}
        .problem h2{font-size:1rem;margin:1rem 0 0;border:0;color:var(--soft)}.problem p{margin:0 0 .5rem}
        a{color:var(--accent)}code,.tag{background:var(--tint);padding:.1em .4em;border-radius:4px;font-size:.9em}dd code{overflow-wrap:anywhere}
        .other{color:var(--soft);font-size:.88em;font-weight:400}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}
        .wide{overflow-x:auto}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0}dt{color:var(--soft)}dd{margin:0}
        article{border:1px solid var(--line);border-radius:8px;padding:1rem 1.2rem;margin:1rem 0}article ul{margin:.2rem 0;padding-left:1.2rem}
        blockquote{margin:0;padding-left:.8rem;border-left:3px solid var(--line)}.yes{color:var(--ok)}.no{color:var(--warn)}
        figure{margin:1rem 0 0}svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font-size:12px}svg .axis{fill:none;stroke:var(--soft);stroke-width:1}
        svg .grid{stroke:var(--line);stroke-width:1;stroke-dasharray:3 4}svg .curve{fill:none;stroke:var(--accent);stroke-width:2.5;stroke-linejoin:round}
        svg .point{fill:var(--paper);stroke:var(--accent);stroke-width:2}summary{color:var(--soft);cursor:pointer}
        @media print{body{max-width:none}}
        """;

    /// <summary>The one style sheet is named by its digest, so that no other can slip in.</summary>
    static readonly string Security =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Also answers people: the handler decides by <see cref="WantsPage"/>.</summary>
    public static RouteHandlerBuilder AlsoPage(this RouteHandlerBuilder route) => route.WithMetadata(new Routes.AnswersMetadata("application/json", MediaType));

    /// <summary>Whether the caller would rather have a page than JSON: browsers name pages, programs do not.</summary>
    public static bool WantsPage(this HttpRequest request) => Quality(request, MediaType) > Quality(request, "application/json");

    public static string Tag(this Language language) => language == Language.English ? "en" : "zh-CN";

    /// <summary>The reader's language, then the other.</summary>
    public static IReadOnlyList<Language> First(this Language language) =>
        language == Language.English ? [Language.English, Language.Chinese] : [Language.Chinese, Language.English];

    /// <summary>The reader's language in front, the other small beside it; once where both are the same.</summary>
    public static Markup Both(this Wording wording, Language language)
    {
        var (first, other) = language == Language.English ? (wording.En, wording.Zh) : (wording.Zh, wording.En);
        return first == other ? (Markup)$"{first}"
            : $"<span lang=\"{language.Tag()}\">{first}</span> <span class=\"other\" lang=\"{language.First()[1].Tag()}\">{other}</span>";
    }

    /// <param name="language">The reader's.</param>
    /// <param name="title">Of the window.</param>
    /// <param name="body">What stands in it.</param>
    public static IResult Page(Language language, string title, Markup body) => new Answer($"""
        <!doctype html>
        <html lang="{language.Tag()}"><head><meta charset="utf-8"><title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"><style>{Verbatim(Style)}</style></head>
        <body>{body}</body></html>
        """);

    static Markup Verbatim(string style)
    {
        var markup = new Markup(style.Length, 0);
        markup.AppendLiteral(style);
        return markup;
    }

    /// <summary>What the Accept header gives a type: the quality of the range that names it most closely.</summary>
    static double Quality(HttpRequest request, string type)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges))
        {
            return 1;
        }

        return ranges.Where(range => range.Covers(type))
            .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0).FirstOrDefault() is { } closest ? closest.Quality ?? 1 : 0;
    }

    /// <summary>A page as the answer, with a tag of its own: one language of one state of what it shows.</summary>
    sealed class Answer(Markup page) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var body = Encoding.UTF8.GetBytes(page.ToString());
            var response = httpContext.Response;
            response.Headers.ContentSecurityPolicy = Security;
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptLanguage);
            var tag = ETags.For(1, body);
            response.Headers.ETag = tag;
            if (ETags.Has(httpContext.Request, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.ContentType = MediaType + "; charset=utf-8";
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
