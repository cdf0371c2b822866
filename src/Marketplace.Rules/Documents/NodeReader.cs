using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Marketplace.Rules.Documents;

/// <summary>Reads the strict subset of YAML: mappings, lists and scalars; every scalar stays text.</summary>
internal sealed class NodeReader
{
    public const int MaxCharacters = 1 << 20;
    private const int MaxDepth = 24;

    // Of a mapping or a list; the longest of a real policy has some hundred.
    private const int MaxEntries = 1_000;

    private readonly Faults _faults;
    private readonly Parser _parser;
    private Mark _last = Mark.Empty;

    private NodeReader(string text, Faults faults)
    {
        _faults = faults;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Null when there is no document that could be read; the faults then say why.</summary>
    public static Node? Read(string text, Faults faults)
    {
        if (text.Length > MaxCharacters)
        {
            faults.Error(1, 1, "POL106", new($"文件超过 {MaxCharacters} 个字符", $"The file is longer than {MaxCharacters} characters."),
                new("请拆分文件。", "Split the file."));
            return null;
        }

        text = text.TrimStart('\uFEFF');
        if (!SourceText.Check(text, faults)) return null;
        try
        {
            return new NodeReader(text, faults).Document();
        }
        catch (YamlException broken)
        {
            SourceText.Explain(text, (int)broken.Start.Line, (int)broken.Start.Column, broken.Message, faults);
            return null;
        }
    }

    private Node? Document()
    {
        Node? root = null;
        for (var current = Next(); current is not StreamEnd; current = Next())
        {
            switch (current)
            {
                case StreamStart or DocumentEnd:
                    break;
                case DocumentStart start:
                    if (root is not null)
                    {
                        _faults.Error((int)start.Start.Line, (int)start.Start.Column, "POL107", new("文件中有多个文档", "The file holds more than one document."),
                            new("分成多个文件。", "Write one document per file."));
                        return null;
                    }

                    break;
                default:
                    root = Value(current, 1);
                    if (root is null) return null;
                    break;
            }
        }

        return root ?? new ScalarNode(new(1, 1, 1, 1), "", true);
    }

    /// <summary>Null when the nesting is too deep to go on.</summary>
    private Node? Value(ParsingEvent current, int depth)
    {
        var at = new Extent((int)current.Start.Line, (int)current.Start.Column, (int)current.End.Line, (int)current.End.Column);
        var (line, column) = (at.Line, at.Column);
        if (depth > MaxDepth)
        {
            _faults.Error(line, column, "POL109", new($"嵌套超过 {MaxDepth} 层", $"Nested more than {MaxDepth} levels deep."),
                new("政策文件不需要这样的深度。", "A policy document needs no such depth."));
            return null;
        }

        if (current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias) Refuse(line, column, "锚点和引用(& 和 *)", "Anchors and aliases (& and *)");
        if (current is NodeEvent { Tag.IsEmpty: false }) Refuse(line, column, "标签(!)", "Tags (!)");
        return current switch
        {
            Scalar scalar => new ScalarNode(at, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => List(at, depth),
            MappingStart => Map(at, depth),
            _ => new ScalarNode(at, "", true),
        };
    }

    private ListNode? List(Extent at, int depth)
    {
        var items = new List<Node>();
        for (var current = Next(); current is not SequenceEnd; current = Next())
        {
            if (items.Count == MaxEntries)
            {
                TooMany(current);
                return null;
            }

            if (Value(current, depth + 1) is not { } item) return null;
            items.Add(item);
        }

        return new ListNode(Whole(at, items.Count > 0 ? items[0] : null), items);
    }

    private MapNode? Map(Extent at, int depth)
    {
        var entries = new List<Entry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var current = Next(); current is not MappingEnd; current = Next())
        {
            if (entries.Count == MaxEntries)
            {
                TooMany(current);
                return null;
            }

            if (Value(current, depth + 1) is not { } key) return null;
            if (Value(Next(), depth + 1) is not { } value) return null;
            if (key is not ScalarNode name)
                _faults.Error(key, "POL110",
                    new("键必须是一个词", "A key must be a single word."),
                    new("改写为“键: 值”。", "Rewrite it as \"key: value\"."));
            else if (name is { Text: "<<", Plain: true })
                Refuse(name.Line, name.Column, "合并键(<<)", "Merge keys (<<)");
            else if (!keys.Add(name.Text))
                _faults.Error(name, "POL103", new($"键“{Shown.Short(name.Text)}”重复", $"The key \"{Shown.Short(name.Text)}\" occurs twice."),
                    new("删除其中一个。", "Remove one of them."));
            else
                entries.Add(new Entry(name, value));
        }

        return new MapNode(Whole(at, entries.Count > 0 ? entries[0].Key : null), entries);
    }

    // A block has no sign that ends it, and its end mark stands wherever the next thing begins: it is shown by its first part.
    private Extent Whole(Extent start, Node? first)
    {
        var isFlow = start.EndColumn > start.Column;
        if (isFlow) return start with { EndLine = (int)_last.Line, EndColumn = (int)_last.Column };
        return first is null ? start : start with { EndLine = first.At.EndLine, EndColumn = first.At.EndColumn };
    }

    // The parser stumbles over some malformed texts (a scalar of no length, a list entry with an empty key) instead of reporting them.
    private ParsingEvent Next()
    {
        try
        {
            if (_parser.MoveNext() && _parser.Current is { } next)
            {
                _last = next.End;
                return next;
            }
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentOutOfRangeException)
        {
            // Reported below, as for the texts that end the stream before its end. An escape for half of a surrogate pair is the second kind.
        }

        throw new SyntaxErrorException(_last, _last, "unexpected text");
    }

    private void TooMany(ParsingEvent at) =>
        _faults.Error((int)at.Start.Line, (int)at.Start.Column, "POL119", new($"超过 {MaxEntries} 项", $"More than {MaxEntries} entries."),
            new("政策文件不需要这么多项。", "A policy document needs no such number."));

    private void Refuse(int line, int column, string zh, string en) =>
        _faults.Error(line, column, "POL102", new($"不允许使用{zh}", $"{en} are not allowed."), new("请直接写出内容。", "Write the content out."));
}
