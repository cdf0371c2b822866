namespace Marketplace.Rules.Documents;

/// <summary>What was typed in place of a sign of YAML.</summary>
internal enum SlipKind
{
    /// <summary>A full-width colon behind a key.</summary>
    WideColon,

    /// <summary>Another full-width sign: comma, bracket, dash.</summary>
    WideSign,

    /// <summary>A space that is none to YAML, such as the non-breaking one of spreadsheets.</summary>
    Space,

    /// <summary>A colon and a space inside text without quotation marks.</summary>
    ColonInText,
}

/// <summary>A sign that stands where YAML needs another.</summary>
internal readonly record struct Slip(int Line, int Column, SlipKind Kind, char Sign)
{
    public void Report(Faults faults)
    {
        var (code, message, fix) = Kind switch
        {
            SlipKind.WideColon => ("POL112", new Wording("键后使用了全角冒号“：”", "A full-width colon (：) follows the key."), new Wording("改为半角冒号加空格。", "Write an ASCII colon and a space.")),
            SlipKind.WideSign => ("POL115", new($"此处使用了全角符号“{Sign}”", $"A full-width sign ({Sign}) stands here."), new($"改为半角“{Twin(Sign)}”。", $"Write the ASCII sign {Twin(Sign)} in its place.")),
            SlipKind.Space => ("POL116", new($"此处的空白不是普通空格(U+{(int)Sign:X4})", $"The space here is no plain one (U+{(int)Sign:X4})."), new("删去后重打空格;从表格或网页粘贴的文字常带这种空白。", "Delete it and type a space; text pasted from spreadsheets and pages often has such spaces.")),
            _ => ("POL104", new("未加引号的文字中有“冒号加空格”", "A colon and space inside unquoted text."), new("给整段文字加上双引号。", "Put the whole text in double quotes.")),
        };
        faults.Error(Line, Column, code, message, fix);
    }

    /// <summary>Whether a character is a space to a reader and none to YAML.</summary>
    public static bool IsStrangeSpace(char c) => (c is not (' ' or '\t' or '\r' or '\n') && char.IsWhiteSpace(c)) || c is '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF';

    private static char Twin(char sign) => sign switch { '【' => '[', '】' => ']', '—' or '–' => '-', _ => (char)(sign - 0xFEE0) };
}

/// <summary>Reads a text as people read YAML, and finds signs that were typed for those of YAML. Quoted text and comments are left alone.</summary>
internal sealed class SlipFinder
{
    private readonly List<Slip> _found = [];
    private readonly List<int> _opened = [];
    private char _quote;
    private int _blockIndent = -1;

    private SlipFinder() { }

    public static IReadOnlyList<Slip> Find(string text)
    {
        var finder = new SlipFinder();
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n')) finder.Read(line, ++number);
        return finder._found;
    }

    private void Read(string line, int number)
    {
        var at = 0;
        while (at < line.Length && line[at] == ' ') at++;
        if (_blockIndent >= 0 && (at == line.Length || at > _blockIndent)) return;
        _blockIndent = -1;
        var indent = at;
        while (_quote == 0 && _opened.Count == 0 && at < line.Length && line[at] is '-' or '－')
        {
            var next = at + 1 < line.Length ? line[at + 1] : ' ';
            if (line[at] == '－')
            {
                if (next is not (' ' or '\u3000')) break;
                Add(at, SlipKind.WideSign);
            }
            else if (Slip.IsStrangeSpace(next))
            {
                Add(at + 1, SlipKind.Space);
            }
            else if (next != ' ')
            {
                break;
            }

            at += 2;
            while (at < line.Length && line[at] == ' ') at++;
        }

        var (start, inValue, isQuoted) = (at, _opened.Count > 0 && _opened[^1] != number, false);
        for (; at < line.Length; at++)
        {
            var c = line[at];
            if (_quote != 0)
            {
                if (c == '\\' && _quote == '"') at++;
                else if (c == _quote) _quote = '\0';
                continue;
            }

            var next = at + 1 < line.Length ? line[at + 1] : ' ';
            if (c == '#' && (at == 0 || line[at - 1] == ' ')) return;
            if (at == start)
            {
                if (c is '"' or '\'')
                {
                    (_quote, isQuoted) = (c, true);
                    continue;
                }

                if (c is '|' or '>' && inValue && _opened.Count == 0)
                {
                    _blockIndent = indent;
                    return;
                }

                if (Slip.IsStrangeSpace(c))
                {
                    Add(at, SlipKind.Space);
                    start = at + 1;
                    continue;
                }

                if (c is '｛' or '［' or '【' && (inValue || _opened.Count > 0)) Add(at, SlipKind.WideSign);
            }

            switch (c)
            {
                case '{' or '[' when at == start:
                    _opened.Add(number);
                    Begin(false);
                    break;
                case '}' or ']' when _opened.Count > 0:
                    _opened.RemoveAt(_opened.Count - 1);
                    (inValue, start, isQuoted) = (true, at + 1, true);
                    break;
                case '｝' or '］' or '】' when _opened.Count > 0:
                    Add(at, SlipKind.WideSign);
                    break;
                case ',' when _opened.Count > 0:
                    Begin(false);
                    break;
                case ':' when !inValue && Slip.IsStrangeSpace(next) && IsKey(line.AsSpan(start, at - start)):
                    Add(at + 1, SlipKind.Space);
                    Begin(true);
                    break;
                case ':' when next == ' ':
                    if (!inValue) Begin(true);
                    else if (!isQuoted && (_opened.Count == 0 || _opened[^1] == number)) Add(at, SlipKind.ColonInText);
                    break;
                case '：' when !inValue && IsKey(line.AsSpan(start, at - start)):
                    Add(at, SlipKind.WideColon);
                    Begin(true);
                    break;
                case '，' when _opened.Count > 0 && (isQuoted || IsEntry(line.AsSpan(at + 1))):
                    Add(at, SlipKind.WideSign);
                    Begin(false);
                    break;
            }
        }

        void Add(int column, SlipKind kind) => _found.Add(new Slip(number, column + 1, kind, line[column]));

        void Begin(bool value)
        {
            var to = at + 1;
            while (to < line.Length && line[to] == ' ') to++;
            (start, inValue, isQuoted) = (to, value, false);
            at = to - 1;
        }
    }

    private static bool IsKey(ReadOnlySpan<char> text)
    {
        text = text.Trim(' ');
        return text.Length > 0 && char.IsAsciiLetter(text[0]) && text.IndexOfAnyExcept(Letters) < 0;
    }

    /// <summary>Whether what follows a comma is the next entry of a mapping.</summary>
    private static bool IsEntry(ReadOnlySpan<char> text) => text.IndexOfAny(':', '：') is var colon and > 0 && IsKey(text[..colon]);

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
}
