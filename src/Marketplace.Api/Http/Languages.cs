using Marketplace.Rules;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Api.Http;

public enum Language
{
    Chinese,
    English,
}

public static class Languages
{
    public static string In(this Wording wording, Language language) => language == Http.Language.English ? wording.En : wording.Zh;

    /// <summary>The first of Chinese and English that the caller's Accept-Language prefers; Chinese without one.</summary>
    public static Language Language(this HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList([request.Headers.AcceptLanguage.ToString()], out var wanted))
        {
            return Http.Language.Chinese;
        }

        foreach (var language in wanted.Where(l => l.Quality is not 0).OrderByDescending(l => l.Quality ?? 1))
        {
            if (language.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase))
            {
                return Http.Language.English;
            }

            if (language.Value.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
            {
                return Http.Language.Chinese;
            }
        }

        return Http.Language.Chinese;
    }
}
