using System.Globalization;

namespace Marketplace.Rules.Documents;

/// <summary>Typed reading of nodes; whatever does not fit becomes a fault and null.</summary>
internal static class Fields
{
    private const int MostShown = 20;

    /// <summary>Sums from here on, a hundred million million yuan, are slips of the pen, and sums of such sums would not fit.</summary>
    private const long SumTooLarge = 10_000_000_000_000_000;

    /// <summary>The node as a mapping with only these keys, all required ones present.</summary>
    public static MapNode? Map(this Faults faults, Node? node, string[] required, params string[] optional)
    {
        if (node is null) return null;
        if (node is not MapNode map)
        {
            Form(faults, node, "若干“键: 值”", "\"key: value\" entries");
            return null;
        }

        if (Slips(faults, map, required, optional)) return null;
        foreach (var (key, value) in map.Entries)
        {
            if (required.Contains(key.Text) || optional.Contains(key.Text)) continue;
            if (faults.IsFull) break;
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

        string[] missing = [.. required.Where(key => map[key] is null)];
        if (missing.Length == 1)
            faults.Error(map, "POL201", new($"缺少“{missing[0]}”", $"\"{missing[0]}\" is missing."), new($"补上“{missing[0]}”。", $"Add \"{missing[0]}\"."));
        else if (missing.Length > 1)
            faults.Error(map, "POL201", new($"缺少“{string.Join("”、“", missing)}”", $"\"{string.Join("\", \"", missing)}\" are missing."),
                new($"补上 {string.Join(", ", missing)}。", $"Add {string.Join(", ", missing)}."));
        return map;
    }

    /// <summary>Whether a sign of YAML was typed in its full-width form, so that YAML took it for text and two entries for one.</summary>
    private static bool Slips(Faults faults, MapNode map, string[] required, string[] optional)
    {
        var found = false;
        foreach (var (key, value) in map.Entries)
        {
            if (key.Plain && !required.Contains(key.Text) && !optional.Contains(key.Text))
            {
                var at = key.Text.AsSpan().IndexOfAny('：', '，');
                if (at < 0) at = key.Text.ToList().FindIndex(Slip.IsStrangeSpace);
                if (at >= 0 && IsKnown(key.Text.AsSpan(0, at))) Tell(key, at);
                else if (at == 0 && Slip.IsStrangeSpace(key.Text[0])) Tell(key, 0);
            }

            if (value is not ScalarNode { Plain: true } text) continue;
            var comma = text.Text.IndexOf('，', StringComparison.Ordinal);
            if (comma >= 0 && text.Text.AsSpan(comma + 1).IndexOfAny(':', '：') is var colon and > 0 && IsKnown(text.Text.AsSpan(comma + 1, colon))) Tell(text, comma);
        }

        return found;

        bool IsKnown(ReadOnlySpan<char> text)
        {
            var name = text.Trim().TrimEnd(':').ToString();
            return required.Contains(name) || optional.Contains(name);
        }

        void Tell(ScalarNode node, int at)
        {
            found = true;
            var sign = node.Text[at];
            // Only a text of one line has its characters side by side in the file.
            var column = node.At.EndLine == node.Line ? node.Column + at : node.Column;
            new Slip(node.Line, column, sign == '：' ? SlipKind.WideColon : Slip.IsStrangeSpace(sign) ? SlipKind.Space : SlipKind.WideSign, sign).Report(faults);
        }
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
            case ListNode list: return list.Items.Any(IsRunTogether) ? Parted(faults, list) : list.Items;
            default:
                Form(faults, node, "列表", "a list");
                return [];
        }
    }

    private static bool IsRunTogether(Node item) => item is ScalarNode { Plain: true } text && text.Text.Contains('，', StringComparison.Ordinal);

    /// <summary>The items of a list that full-width commas ran together; read on as if they were ASCII ones, so that this is the one fault.</summary>
    private static List<Node> Parted(Faults faults, ListNode list)
    {
        var items = new List<Node>();
        foreach (var item in list.Items)
        {
            if (!IsRunTogether(item))
            {
                items.Add(item);
                continue;
            }

            var text = (ScalarNode)item;
            new Slip(text.Line, text.Column + text.Text.IndexOf('，', StringComparison.Ordinal), SlipKind.WideSign, '，').Report(faults);
            items.AddRange(text.Text.Split('，').Select(part => text with { Text = part.Trim() }));
        }

        return items;
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

        if (scalar is { Plain: true, Text: ['“', .. var inner, '”'] } && !inner.Contains('“', StringComparison.Ordinal))
            faults.Warning(node, "POL118", new("弯引号“”成了文字的一部分", "The curly quotes are part of the text."),
                new("如作引号使用,请改为半角引号 \"。", "Write straight quotes (\") unless the text itself has these."));
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
        var list = string.Join(", ", names.Length <= MostShown ? names : Shown.NearestFew(narrow, names, MostShown));
        var etc = names.Length <= MostShown ? "" : " …";
        faults.Error(node!, "POL203", new($"此处不能写“{Shown.Short(text)}”", $"\"{Shown.Short(text)}\" is not a word of the list."),
            near is null ? new($"可写:{list}{etc}。", $"Write one of {list}{etc}.") : new($"是否指“{near}”?可写:{list}{etc}。", $"Did you mean \"{near}\"? Write one of {list}{etc}."));
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
            if (!Regions.IsKnown(narrow))
                faults.Warning(node!, "POL213", new($"没有以 {narrow[..(narrow.EndsWith("0000", StringComparison.Ordinal) ? 2 : 4)]} 开头的行政区划", $"There is no region that begins with {narrow[..(narrow.EndsWith("0000", StringComparison.Ordinal) ? 2 : 4)]}."),
                    new("按 GB/T 2260 核对代码,否则这条规定对谁都不适用。", "Check it against GB/T 2260; else the rule applies nowhere."));
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
        if (fault == LiteralFault.None && fen.Value >= SumTooLarge) fault = LiteralFault.TooLarge;
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
