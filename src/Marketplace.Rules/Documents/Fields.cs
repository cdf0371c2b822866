using System.Globalization;

namespace Marketplace.Rules.Documents;

/// <summary>Typed reading of nodes; whatever does not fit becomes a fault and null.</summary>
internal static class Fields
{
    /// <summary>The node as a mapping with only these keys, all required ones present.</summary>
    public static MapNode? Map(this Faults faults, Node? node, string[] required, params string[] optional)
    {
        if (node is null) return null;
        if (node is not MapNode map)
        {
            Form(faults, node, "若干“键: 值”", "\"key: value\" entries");
            return null;
        }

        foreach (var (key, value) in map.Entries)
        {
            if (required.Contains(key.Text) || optional.Contains(key.Text)) continue;
            // What an unquoted comma inside { } leaves behind: the rest of the text as a key without a value.
            if (value is ScalarNode { Text: "", Plain: true } && value.Line == key.Line)
            {
                faults.Error(key, "POL113", new($"“{Shown.Short(key.Text)}”之前的逗号断开了文字", $"The comma before \"{Shown.Short(key.Text)}\" cuts the text in two."),
                    new("给整段文字加上双引号。", "Put the whole text in double quotes."));
                continue;
            }

            string[] allowed = [.. required, .. optional];
            var near = Shown.Nearest(key.Text, allowed);
            var list = string.Join(", ", allowed);
            faults.Error(key, "POL101", new($"未知的键“{Shown.Short(key.Text)}”", $"Unknown key \"{Shown.Short(key.Text)}\"."),
                near is null ? new($"可用的键:{list}。", $"Allowed here: {list}.")
                    : new($"是否指“{near}”?可用的键:{list}。", $"Did you mean \"{near}\"? Allowed here: {list}."));
        }

        foreach (var key in required)
            if (map[key] is null)
                faults.Error(map, "POL201", new($"缺少“{key}”", $"\"{key}\" is missing."), new($"补上“{key}”。", $"Add \"{key}\"."));
        return map;
    }

    /// <summary>The node as a mapping with keys of the author's choice, each a well-formed id.</summary>
    public static IEnumerable<Entry> Named(this Faults faults, Node? node)
    {
        if (node is null) yield break;
        if (node is not MapNode map)
        {
            Form(faults, node, "若干“名称: 内容”", "\"name: content\" entries");
            yield break;
        }

        foreach (var entry in map.Entries)
        {
            if (IsId(entry.Key.Text)) yield return entry;
            else BadId(faults, entry.Key, entry.Key.Text);
        }
    }

    public static IReadOnlyList<Node> List(this Faults faults, Node? node)
    {
        switch (node)
        {
            case null: return [];
            case ListNode list: return list.Items;
            default:
                Form(faults, node, "列表", "a list");
                return [];
        }
    }

    /// <summary>A text that is not empty.</summary>
    public static string? Text(this Faults faults, Node? node)
    {
        if (node is null) return null;
        if (node is not ScalarNode scalar)
        {
            Form(faults, node, "一段文字", "a text");
            return null;
        }

        if (!string.IsNullOrWhiteSpace(scalar.Text)) return scalar.Text;
        faults.Error(node, "POL211", new("内容为空", "The text is empty."), new("填写内容或删除这一项。", "Fill it in or remove the entry."));
        return null;
    }

    public static string? Id(this Faults faults, Node? node)
    {
        if (faults.Text(node) is not { } text) return null;
        if (IsId(text)) return text;
        BadId(faults, node!, text);
        return null;
    }

    /// <summary>A text in both languages: <c>{ zh, en }</c>, or one text that serves for both.</summary>
    public static Wording? Wording(this Faults faults, Node? node)
    {
        if (node is not MapNode) return faults.Text(node) is { } text ? new Wording(text, text) : null;
        var map = faults.Map(node, ["zh", "en"]);
        return faults.Text(map?["zh"]) is { } zh && faults.Text(map?["en"]) is { } en ? new Wording(zh, en) : null;
    }

    /// <summary>One word of a closed list, given by any of its names.</summary>
    public static T? Word<T>(this Faults faults, Node? node, IReadOnlyList<(string Name, T Value)> words)
        where T : struct
    {
        if (faults.Text(node) is not { } text) return null;
        var narrow = Literals.Narrow(text);
        foreach (var (name, value) in words)
        {
            if (name != narrow) continue;
            faults.Read(node!, () => words.Where(w => !w.Value.Equals(value)).DistinctBy(w => w.Value).Select(w => w.Name));
            return value;
        }

        var names = words.Select(w => w.Name).ToArray();
        var near = Shown.Nearest(narrow, names);
        var list = string.Join(", ", names);
        faults.Error(node!, "POL203", new($"此处不能写“{Shown.Short(text)}”", $"\"{Shown.Short(text)}\" is not a word of the list."),
            near is null ? new($"可写:{list}。", $"Write one of {list}.") : new($"是否指“{near}”?可写:{list}。", $"Did you mean \"{near}\"? Write one of {list}."));
        return null;
    }

    public static bool? Flag(this Faults faults, Node? node) =>
        faults.Word<bool>(node, [("true", true), ("false", false), ("是", true), ("否", false)]);

    public static string? Region(this Faults faults, Node? node)
    {
        if (faults.Text(node) is not { } text) return null;
        var narrow = Literals.Narrow(text);
        if (Rules.Region.IsWellFormed(narrow))
        {
            faults.Read(node!, () => Neighbours.OfRegion(narrow));
            return narrow;
        }

        faults.Error(node!, "POL206", new($"“{Shown.Short(text)}”不是六位行政区划代码", $"\"{Shown.Short(text)}\" is not a six-digit region."),
            new("按 GB/T 2260 填写,如 630100。", "Write it as in GB/T 2260, for example 630100."));
        return null;
    }

    public static DateOnly? Date(this Faults faults, Node? node)
    {
        if (faults.Text(node) is not { } text) return null;
        if (DateOnly.TryParseExact(Literals.Narrow(text), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            faults.Read(node!, () => Neighbours.Of(date));
            return date;
        }

        faults.Error(node!, "POL501", new($"“{Shown.Short(text)}”不是日期", $"\"{Shown.Short(text)}\" is not a date."),
            new("写作 2020-08-19。", "Write it as 2020-08-19."));
        return null;
    }

    public static Fen? Money(this Faults faults, Node? node)
    {
        if (faults.Text(node) is not { } text) return null;
        var fault = Fen.TryParseLiteral(text, out var fen);
        if (fault == LiteralFault.None)
        {
            faults.Read(node!, () => Neighbours.Of(fen));
            return fen;
        }

        Number(faults, node!, text, fault, "10万元", "10万元 (100,000 yuan)");
        return null;
    }

    public static Rate? Rate(this Faults faults, Node? node)
    {
        if (faults.Text(node) is not { } text) return null;
        var fault = Rules.Rate.TryParseLiteral(text, out var rate);
        if (fault == LiteralFault.None)
        {
            faults.Read(node!, () => Neighbours.OfDigits(text));
            return rate;
        }

        Number(faults, node!, text, fault, "3%、0.6‰ 或 1/3", "3%, 0.6‰ or 1/3");
        return null;
    }

    public static long? Count(this Faults faults, Node? node)
    {
        if (faults.Text(node) is not { } text) return null;
        var fault = Literals.TryCount(text, out var count);
        if (fault == LiteralFault.None)
        {
            faults.Read(node!, () => Neighbours.OfCount(text, count));
            return count;
        }

        Number(faults, node!, text, fault, "3项 或 两年", "3项 or 两年");
        return null;
    }

    /// <summary>Letters, digits and hyphens, beginning with a letter, at most 60.</summary>
    public static bool IsId(string text) =>
        text.Length is > 0 and <= 60 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    public static void Form(Faults faults, Node node, string zh, string en) =>
        faults.Error(node, "POL202", new($"此处应为{zh}", $"Expected {en} here."), new("参照现有政策文件改写。", "Follow an existing policy document."));

    private static void BadId(Faults faults, Node node, string text) =>
        faults.Error(node, "POL206", new($"“{Shown.Short(text)}”不能作名称", $"\"{Shown.Short(text)}\" cannot be a name."),
            new("以英文字母开头,只用字母、数字和连字符,不超过60个。", "Begin with a letter; use letters, digits and hyphens only, at most 60."));

    private static void Number(Faults faults, Node node, string text, LiteralFault fault, string exampleZh, string exampleEn)
    {
        var shown = Shown.Short(text);
        var (code, zh, en) = fault switch
        {
            LiteralFault.NoUnit => ("POL301", $"“{shown}”没有单位", $"\"{shown}\" has no unit."),
            LiteralFault.TooFine => ("POL303", $"“{shown}”小于一分", $"\"{shown}\" is finer than one fen."),
            LiteralFault.TooLarge => ("POL304", $"“{shown}”过大", $"\"{shown}\" is too large."),
            _ => ("POL302", $"“{shown}”不是数字", $"\"{shown}\" is not a number."),
        };
        faults.Error(node, code, new(zh, en), new($"写作 {exampleZh}。", $"Write it like {exampleEn}."));
    }
}
