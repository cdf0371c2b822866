using System.Reflection;
using System.Text.Json;
using Marketplace.Rules;

namespace Marketplace.Api.Codes;

/// <summary>What a code is called, and its number in a national list where there is one.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class LabelAttribute(string zh, string en, string? national = null) : Attribute
{
    public Wording Wording => new(zh, en);

    public string? National => national;
}

static class CodeNames
{
    /// <summary>A code as the API writes it.</summary>
    public static string Code<T>(this T value)
        where T : struct, Enum => Names<T>.Of[value];

    public static LabelAttribute LabelOf<T>(this T value)
        where T : struct, Enum => typeof(T).GetField(value.ToString())!.GetCustomAttribute<LabelAttribute>()!;

    public static T Parse<T>(string code)
        where T : struct, Enum => Names<T>.By[code];

    public static bool TryParse<T>(string code, out T value)
        where T : struct, Enum => Names<T>.By.TryGetValue(code, out value);

    static class Names<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Of =
            Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));

        public static readonly Dictionary<string, T> By = Of.ToDictionary(p => p.Value, p => p.Key);
    }
}
