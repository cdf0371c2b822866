namespace Marketplace.Rules.Documents;

/// <summary>Faults that are best found in the raw lines, where YAML itself would only say that something is unexpected.</summary>
internal static class SourceText
{
    /// <summary>False when the text is not worth parsing; the faults say why.</summary>
    public static bool Check(string text, Faults faults)
    {
        var sound = true;
        var (line, column, indenting) = (1, 0, true);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            column++;
            if (c == '\n' || (c == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                (line, column, indenting) = (line + 1, 0, true);
                continue;
            }

            if (c == '\t' && indenting)
            {
                sound = false;
                indenting = false;
                faults.Error(line, column, "POL105",
                    new("缩进使用了制表符", "The line is indented with a tab."),
                    new("改用两个空格。", "Use two spaces."));
            }
            else if (indenting && c != '\u3000' && Slip.IsStrangeSpace(c))
            {
                sound = false;
                indenting = false;
                new Slip(line, column, SlipKind.Space, c).Report(faults);
            }
            else if (c == '%' && column == 1)
            {
                sound = false;
                faults.Error(line, column, "POL102",
                    new("不允许使用 % 指令", "Directives (%) are not allowed."),
                    new("删除这一行。", "Remove the line."));
            }
            else if ((c < ' ' && c is not ('\t' or '\r')) || c is '\u007F' or '\uFFFD' or '\uFFFE' or '\uFFFF' || IsLoneSurrogate(text, i))
            {
                sound = false;
                faults.Error(line, column, "POL111", new($"含有不可用的字符 U+{(int)c:X4}", $"The character U+{(int)c:X4} cannot be used."),
                    new("以 UTF-8 重新保存文件。", "Save the file again as UTF-8."));
            }

            if (c is not (' ' or '\u3000')) indenting = false;
        }

        return sound;
    }

    /// <summary>Says what a syntax error most likely is: a sign that was typed for another, an indentation, or what YAML misses.</summary>
    public static void Explain(string text, int line, int column, string message, Faults faults)
    {
        var slips = SlipFinder.Find(text);
        // YAML stumbles where the slip is, or at the next thing that makes no sense because of it.
        if (slips.LastOrDefault(slip => slip.Line <= line) is { Line: > 0 } cause && cause.Line >= line - 3)
        {
            foreach (var slip in slips.Where(slip => slip.Kind == cause.Kind)) slip.Report(faults);
            return;
        }

        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var at = Math.Min(line, lines.Length); at > 0 && at >= line - 1; at--)
        {
            if (Indentation(lines, at) is not { } wording) continue;
            faults.Error(at, lines[at - 1].Length - lines[at - 1].TrimStart(' ').Length + 1, "POL117", wording, new("同一层的各行要左对齐,下一层多缩进两个空格。", "Align what is on one level, and indent what is below it by two spaces."));
            return;
        }

        faults.Error(Math.Max(1, line), Math.Max(1, column), "POL100", Missing(message), new("检查缩进、引号和括号。", "Check indentation, quotes and brackets."));
    }

    /// <summary>What is wrong with how far a line is indented; null when nothing is.</summary>
    private static Wording? Indentation(string[] lines, int number)
    {
        var levels = new Stack<int>();
        var (isOpen, lastLevel) = (true, 0);
        for (var at = 1; at <= number; at++)
        {
            var line = lines[at - 1];
            var content = line.TrimStart(' ');
            if (content.Length == 0 || content[0] == '#') continue;
            var level = line.Length - content.Length;
            if (at == number)
            {
                if (level > lastLevel && !isOpen)
                    return new($"这一行缩进 {level} 格,而上一行的内容已经完整", $"The line is indented by {level} spaces, and the line above it is complete.");
                if (level < lastLevel && !levels.Contains(level))
                    return new($"这一行缩进 {level} 格,与上文任何一层都不对齐", $"The line is indented by {level} spaces, which is no level above it.");
                return null;
            }

            while (levels.Count > 0 && levels.Peek() > level) levels.Pop();
            if (levels.Count == 0 || levels.Peek() < level) levels.Push(level);
            // "- key: value" opens the level of its key too.
            var inner = level;
            while (content.StartsWith("- ", StringComparison.Ordinal))
            {
                var rest = content[2..].TrimStart(' ');
                inner += content.Length - rest.Length;
                content = rest;
                if (content.Contains(": ", StringComparison.Ordinal) || content.EndsWith(':')) levels.Push(inner);
            }

            (isOpen, lastLevel) = (content.EndsWith(':') || content.EndsWith('|') || content.EndsWith('>') || content is "-", inner);
        }

        return null;
    }

    /// <summary>What YAML missed, in words of our own.</summary>
    private static Wording Missing(string message)
    {
        foreach (var (part, zh, en) in new[]
        {
            ("',' or '}'", "此处缺少逗号或“}”", "A comma or } is missing here."), ("',' or ']'", "此处缺少逗号或“]”", "A comma or ] is missing here."),
            ("',' or ']'", "此处缺少逗号或“]”", "A comma or ] is missing here."), ("expected ':'", "此处缺少冒号", "A colon is missing here."),
            ("mapping values", "此处不应有“键: 值”", "No \"key: value\" can stand here."), ("quoted scalar", "引号没有成对", "A quotation mark has no partner."),
            ("expected key", "此处应是一个键", "A key is expected here."), ("expected '-'", "此处应是一个列表项", "A list entry is expected here."),
            ("start any token", "此处的字符不能开头", "No text can begin with this character."),
        })
            if (message.Contains(part, StringComparison.OrdinalIgnoreCase))
                return new("YAML 语法错误:" + zh, "Not valid YAML: " + en);
        return new("YAML 语法错误:此处无法解析", "Not valid YAML: this cannot be read.");
    }

    private static bool IsLoneSurrogate(string text, int at) =>
        char.IsHighSurrogate(text[at]) ? at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])
        : char.IsLowSurrogate(text[at]) && (at == 0 || !char.IsHighSurrogate(text[at - 1]));
}
