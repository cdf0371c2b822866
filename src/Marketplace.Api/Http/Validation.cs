using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Marketplace.Rules;

namespace Marketplace.Api.Http;

/// <summary>One thing wrong with what was sent, and where.</summary>
/// <param name="Place">A JSON pointer into the body, or the name of a query parameter.</param>
public sealed record Fault(string Place, string Code, Wording Detail);

/// <summary>A condition on one value that the framework's attributes do not know; also states its own words.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class RuleAttribute : ValidationAttribute
{
    public abstract string Code { get; }

    public abstract Wording Detail(object value);
}

/// <summary>The value names another resource by its id.</summary>
public sealed class IdOfAttribute(string prefix) : RuleAttribute
{
    public override string Code => "invalid-id";

    public string Prefix => prefix;

    public override bool IsValid(object? value) => value is null || Ids.Is(prefix, (string)value);

    public override Wording Detail(object value) => new($"应为 {prefix}_ 开头的标识。", $"Must be an id that begins with {prefix}_.");
}

/// <summary>A request type with conditions over several members: rules of the market, or check digits that one member excuses.</summary>
public interface IChecked
{
    IEnumerable<Fault> Check();
}

/// <summary>
/// Reads a request type out of JSON and finds every fault in one pass: the shape from the serializer's own metadata, the bounds from the
/// attributes that the API document shows too. Bodies, patches, query strings and import lines all come through here.
/// </summary>
public static class Validation
{
    /// <summary>So many are answered; of further ones only that there are some.</summary>
    public const int MostFaults = 100;

    /// <summary>Of an object that a stranger sends; no type has a tenth of them.</summary>
    internal const int MostMembers = 1_000;

    static readonly ConcurrentDictionary<Type, Dictionary<string, Member>> Known = new();
    static readonly ConcurrentDictionary<Type, string[]> Codes = new();

    /// <param name="Element">The type of its entries, where it is a list.</param>
    sealed record Member(JsonPropertyInfo Property, Type Type, Type? Element, ValidationAttribute[] Rules);

    /// <param name="json">The whole value.</param>
    /// <param name="faults">Receives what is wrong; empty exactly when a value is returned. Reading ends with the first fault above <see cref="MostFaults"/>.</param>
    /// <param name="serverOwned">The members that only the server writes, by name.</param>
    public static T? Read<T>(JsonElement json, List<Fault> faults, IReadOnlySet<string>? serverOwned = null)
        where T : class
    {
        var before = faults.Count;
        CheckObject(typeof(T), json, "", serverOwned, faults);
        if (faults.Count > before)
        {
            return null;
        }

        // Null says the same as leaving the member out, also where the type itself has no null.
        return HasNull(json) ? Present(JsonObject.Create(json)!).Deserialize<T>(Json.Sent)! : json.Deserialize<T>(Json.Sent)!;
    }

    /// <summary>The names of a type's members as the API writes them.</summary>
    public static IReadOnlySet<string> Members(Type type) => Of(type).Keys.ToHashSet();

    /// <summary>The names of the members that must be sent.</summary>
    public static IEnumerable<string> Required(Type type) => Of(type).Values.Where(member => member.Property.IsRequired).Select(member => member.Property.Name);

    /// <summary>Whether a member must be sent; asked of every body at start, so by the compiler's mark and not by the serializer.</summary>
    public static bool Requires(Type? type) =>
        type is not null && (type.IsDefined(typeof(RequiredMemberAttribute), inherit: false) || Requires(type.BaseType));

    static Dictionary<string, Member> Of(Type type) => Known.GetOrAdd(type, static type =>
        Json.Sent.GetTypeInfo(type).Properties.ToDictionary(p => p.Name, p => new Member(
            p,
            Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType,
            ElementOf(p.PropertyType),
            [.. p.AttributeProvider?.GetCustomAttributes(typeof(ValidationAttribute), true).Cast<ValidationAttribute>() ?? []])));

    static void CheckObject(Type type, JsonElement json, string at, IReadOnlySet<string>? serverOwned, List<Fault> faults)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            faults.Add(WrongType(at, "对象", "an object"));
            return;
        }

        if (json.GetPropertyCount() > MostMembers)
        {
            faults.Add(TooManyMembers(json, at));
            return;
        }

        var members = Of(type);
        foreach (var sent in json.EnumerateObject())
        {
            if (faults.Count > MostFaults)
            {
                return;
            }

            var place = $"{at}/{Escape(sent.Name)}";
            if (members.TryGetValue(sent.Name, out var member))
            {
                CheckMember(member, sent.Value, place, faults);
            }
            else if (at.Length == 0 && serverOwned?.Contains(sent.Name) == true)
            {
                faults.Add(new(place, "read-only-field", new("此成员由服务器维护，不能提交。", "Only the server writes this member; leave it out.")));
            }
            else
            {
                faults.Add(Unknown(place, sent.Name, members.Keys));
            }
        }

        foreach (var (name, member) in members)
        {
            if (member.Property.IsRequired && !json.TryGetProperty(name, out _))
            {
                faults.Add(Required($"{at}/{name}"));
            }
        }
    }

    internal static Fault TooManyMembers(JsonElement json, string at) => new(at, "too-many-members", new(
        $"最多 {MostMembers} 个成员，收到 {json.GetPropertyCount()} 个。", $"At most {MostMembers} members; {json.GetPropertyCount()} were sent."));

    static bool HasNull(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in json.EnumerateObject())
            {
                if (HasNull(member.Value))
                {
                    return true;
                }
            }
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
            {
                if (HasNull(item))
                {
                    return true;
                }
            }
        }

        return json.ValueKind == JsonValueKind.Null;
    }

    static JsonNode Present(JsonNode json)
    {
        if (json is JsonObject members)
        {
            foreach (var (name, value) in members.ToList())
            {
                if (value is null)
                {
                    members.Remove(name);
                }
                else
                {
                    Present(value);
                }
            }
        }
        else if (json is JsonArray items)
        {
            foreach (var item in items)
            {
                Present(item!);
            }
        }

        return json;
    }

    public static Fault Unknown(string place, string name, IEnumerable<string> known)
    {
        var near = known.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? known.FirstOrDefault(k => name.Length > 2 && (k.StartsWith(name, StringComparison.OrdinalIgnoreCase) || name.StartsWith(k, StringComparison.OrdinalIgnoreCase)));
        return near is null
            ? new(place, "unknown-field", new("没有这个成员。", "There is no such member."))
            : new(place, "unknown-field", new($"没有这个成员。是否想写 {near}？", $"There is no such member. Did you mean {near}?"));
    }

    static void CheckMember(Member member, JsonElement json, string at, List<Fault> faults)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            if (member.Property.IsRequired)
            {
                faults.Add(Required(at));
            }

            return;
        }

        var before = faults.Count;
        var read = CheckValue(member.Type, member.Element, member.Rules, json, at, faults);
        if (faults.Count > before || member.Rules.Length == 0)
        {
            return;
        }

        var value = read ?? json.Deserialize(member.Type, Json.Sent)!;
        foreach (var rule in member.Rules)
        {
            if (!rule.IsValid(value))
            {
                faults.Add(Broken(rule, value, at));
            }
        }
    }

    /// <returns>The value, where it had to be read to be checked.</returns>
    static object? CheckValue(Type type, Type? element, ValidationAttribute[] rules, JsonElement json, string at, List<Fault> faults)
    {
        if (type == typeof(string))
        {
            return CheckText(json, at, faults);
        }

        if (type == typeof(bool))
        {
            if (json.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                faults.Add(WrongType(at, "true 或 false", "true or false"));
            }
        }
        else if (type.IsEnum)
        {
            CheckCode(type, json, at, faults);
        }
        else if (type.IsValueType)
        {
            return CheckNumberOrDate(type, json, at, faults);
        }
        else if (element is not null)
        {
            CheckList(element, rules, json, at, faults);
        }
        else
        {
            CheckObject(type, json, at, null, faults);
        }

        return null;
    }

    static void CheckList(Type element, ValidationAttribute[] rules, JsonElement json, string at, List<Fault> faults)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            faults.Add(WrongType(at, "数组", "an array"));
            return;
        }

        // Its length is judged before its entries are looked at: their number is the sender's choice.
        if (rules.OfType<MaxLengthAttribute>().FirstOrDefault() is { } most && json.GetArrayLength() > most.Length)
        {
            faults.Add(Broken(most, json, at));
            return;
        }

        var i = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (faults.Count > MostFaults)
            {
                return;
            }

            CheckValue(element, ElementOf(element), [], item, string.Create(CultureInfo.InvariantCulture, $"{at}/{i++}"), faults);
        }
    }

    static string? CheckText(JsonElement json, string at, List<Fault> faults)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            faults.Add(WrongType(at, "文本", "a text"));
            return null;
        }

        string text;
        try
        {
            text = json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            faults.Add(new(at, "invalid-text", new("含有不成对的代理字符。", "Holds half of a surrogate pair.")));
            return null;
        }

        if (TextRule.Fault(text) is { } fault)
        {
            faults.Add(new(at, fault.Code, fault.Detail));
            return null;
        }

        return Json.Normal(text);
    }

    static void CheckCode(Type type, JsonElement json, string at, List<Fault> faults)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            faults.Add(WrongType(at, "代码", "a code"));
            return;
        }

        var codes = Codes.GetOrAdd(type, static type => [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)]);
        if (!codes.Contains(Safe(json)))
        {
            var all = string.Join(", ", codes);
            faults.Add(new(at, "unknown-code", new($"不是可用的代码：{all}。", $"Not one of {all}.")));
        }
    }

    static object? CheckNumberOrDate(Type type, JsonElement json, string at, List<Fault> faults)
    {
        if (type == typeof(DateOnly))
        {
            if (json.ValueKind != JsonValueKind.String)
            {
                faults.Add(WrongType(at, "日期", "a date"));
            }
            else if (DateOnly.TryParseExact(Safe(json), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                return date;
            }
            else
            {
                faults.Add(new(at, "invalid-date", new("应为真实存在的日历日，格式 YYYY-MM-DD。", "Must be a day of the calendar, written YYYY-MM-DD.")));
            }
        }
        else if (type == typeof(DateTimeOffset))
        {
            if (json.ValueKind != JsonValueKind.String)
            {
                faults.Add(WrongType(at, "时刻", "an instant"));
            }
            else if (!IsInstant(Safe(json)))
            {
                faults.Add(new(at, "invalid-instant", new("应为 RFC 3339 时刻，例如 2026-03-02T04:00:00Z。", "Must be an instant of RFC 3339, such as 2026-03-02T04:00:00Z.")));
            }
        }
        else if (json.ValueKind != JsonValueKind.Number)
        {
            faults.Add(WrongType(at, "数", "a number"));
        }
        else if (Number(type, json) is { } number)
        {
            return number;
        }
        else
        {
            faults.Add(type == typeof(Fen)
                ? new(at, "invalid-money", new("金额以元为单位，按数值最多两位小数，范围 0 至 99999999999999.99。",
                    "Money is in yuan, with at most two decimals by value, from 0 to 99999999999999.99."))
                : new(at, "invalid-number", new("不是此处可用的数。", "Not a number that fits here.")));
        }

        return null;
    }

    /// <summary>An instant says its distance from UTC: without it, it would be another one on another machine.</summary>
    static bool IsInstant(string text) => DateTimeOffset.TryParseExact(
        text, ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    static object? Number(Type type, JsonElement json)
    {
        try
        {
            return json.Deserialize(type, Json.Sent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string Safe(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    static Type? ElementOf(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;

    static Fault Required(string at) => new(at, "required", new("必填。", "Required."));

    static Fault WrongType(string at, string zh, string en) => new(at, "wrong-type", new($"应为{zh}。", $"Must be {en}."));

    static Fault Broken(ValidationAttribute rule, object value, string at) => rule switch
    {
        RuleAttribute own => new(at, own.Code, own.Detail(value)),
        RequiredAttribute => Required(at),
        StringLengthAttribute r when value is string text && text.Length > r.MaximumLength => new(at, "too-long",
            new($"最多 {r.MaximumLength} 个字符，收到 {text.Length} 个。", $"At most {r.MaximumLength} characters; {text.Length} were sent.")),
        StringLengthAttribute r => new(at, "too-short", new($"至少 {r.MinimumLength} 个字符。", $"At least {r.MinimumLength} characters.")),
        MaxLengthAttribute r => new(at, "too-long", new($"最多 {r.Length} 项。", $"At most {r.Length} entries.")),
        MinLengthAttribute r => new(at, "too-short", new($"至少 {r.Length} 项。", $"At least {r.Length} entries.")),
        RangeAttribute r => new(at, "out-of-range",
            new($"范围 {r.Minimum} 至 {r.Maximum}，收到 {value}。", $"From {r.Minimum} to {r.Maximum}; {value} was sent.")),
        RegularExpressionAttribute r => new(at, "invalid-format", new($"格式应为 {r.Pattern}。", $"Must match {r.Pattern}.")),
        _ => new(at, "invalid-value", new("不可用的值。", "Not a usable value.")),
    };

    /// <summary>RFC 6901.</summary>
    internal static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
