namespace Marketplace.Api.Http;

/// <summary>What a person finds at the address that the start prints: where everything is.</summary>
static class HomePage
{
    public static void MapHomePage(this IEndpointRouteBuilder routes) => routes.MapGet("/", (HttpRequest request) =>
    {
        var language = request.Language();
        return Pages.Page(language, language == Language.English ? "Technology market" : "科技大市场", $"<main class=\"narrow\">{language.First().Select(Section)}</main>");
    }).ExcludeFromDescription();

    static Markup Section(Language shown)
    {
        var isEnglish = shown == Language.English;
        return $"""
            <section lang="{shown.Tag()}"><h1>{(isEnglish ? "Technology market" : "科技大市场")}</h1><ul>
            {Link(Routes.Base + "/policies", isEnglish ? "Policies in force" : "现行政策")}
            {Link(Routes.Base + "/subsidies", isEnglish ? "Subsidies paid" : "已发放的补贴")}
            {Link("/swagger", isEnglish ? "The API, to try" : "接口文档（可试用）")}
            {Link("/openapi/v1.json", isEnglish ? "The API's document (OpenAPI)" : "接口描述文件（OpenAPI）")}
            {Link("/health/ready", isEnglish ? "Whether the market is ready" : "系统状态")}
            </ul></section>
            """;
    }

    static Markup Link(string address, string text) => $"<li><a href=\"{address}\">{text}</a></li>";
}
