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

    /// <summary>Says what a syntax error most likely is, for every line that shows the same mistake.</summary>
    public static void Explain(string text, int line, int column, string message, Faults faults)
    {
        var found = false;
        var number = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            if (ColonInPlainText(raw) is { } at)
            {
                found |= number == line;
                faults.Error(number, at, "POL104", new("未加引号的文字中有“冒号加空格”", "A colon and space inside unquoted text."),
                    new("给整段文字加上双引号。", "Put the whole text in double quotes."));
            }
            else if (number == line && raw.Contains('：') && !raw.Contains(':'))
            {
                found = true;
                faults.Error(number, raw.IndexOf('：') + 1, "POL112", new("键后使用了全角冒号", "A full-width colon follows the key."),
                    new("改为半角冒号加空格。", "Write an ASCII colon and a space."));
            }
        }

        if (!found)
            faults.Error(Math.Max(1, line), Math.Max(1, column), "POL100", new($"YAML 语法错误:{Shown.Short(message)}", $"Not valid YAML: {Shown.Short(message)}"),
                new("检查缩进、引号和括号。", "Check indentation, quotes and brackets."));
    }

    /// <summary>The column of the second ": " of a plain <c>key: text: more</c> line; null when there is none.</summary>
    private static int? ColonInPlainText(ReadOnlySpan<char> line)
    {
        var first = line.IndexOf(": ", StringComparison.Ordinal);
        if (first < 0) return null;
        var rest = line[(first + 2)..].TrimStart(' ');
        if (rest.IsEmpty || rest[0] is '"' or '\'' or '{' or '[' or '|' or '>' or '#') return null;
        var start = line.Length - rest.Length;
        var comment = rest.IndexOf(" #", StringComparison.Ordinal);
        if (comment >= 0) rest = rest[..comment];
        var second = rest.IndexOf(": ", StringComparison.Ordinal);
        return second < 0 ? null : start + second + 1;
    }

    private static bool IsLoneSurrogate(string text, int at) =>
        char.IsHighSurrogate(text[at]) ? at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])
        : char.IsLowSurrogate(text[at]) && (at == 0 || !char.IsHighSurrogate(text[at - 1]));
}
