using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Marketplace.Rules.Documents;

/// <summary>Reads the strict subset of YAML: mappings, lists and scalars; every scalar stays text.</summary>
internal sealed class NodeReader
{
    public const int MaxCharacters = 1 << 20;
    private const int MaxDepth = 24;

    private readonly Faults _faults;
    private readonly Parser _parser;
    private Mark _last = Mark.Empty;

    private NodeReader(string text, Faults faults)
    {
        _faults = faults;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Null when there is no document that could be read; the faults then say why.</summary>
    public static MapNode? Read(string text, Faults faults)
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

    private MapNode? Document()
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
                            new("每个文件只写一个政策。", "Write one policy per file."));
                        return null;
                    }

                    break;
                default:
                    root = Value(current, 1);
                    if (root is null) return null;
                    break;
            }
        }

        if (root is MapNode map) return map;
        _faults.Error(root?.Line ?? 1, root?.Column ?? 1, "POL108", new("文件应由“键: 值”组成", "The file must consist of \"key: value\" lines."),
            new("从 schema: policy/1 开始。", "Begin with schema: policy/1."));
        return null;
    }

    /// <summary>Null when the nesting is too deep to go on.</summary>
    private Node? Value(ParsingEvent current, int depth)
    {
        var (line, column) = ((int)current.Start.Line, (int)current.Start.Column);
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
            Scalar scalar => new ScalarNode(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => List(line, column, depth),
            MappingStart => Map(line, column, depth),
            _ => new ScalarNode(line, column, "", true),
        };
    }

    private ListNode? List(int line, int column, int depth)
    {
        var items = new List<Node>();
        for (var current = Next(); current is not SequenceEnd; current = Next())
        {
            if (Value(current, depth + 1) is not { } item) return null;
            items.Add(item);
        }

        return new ListNode(line, column, items);
    }

    private MapNode? Map(int line, int column, int depth)
    {
        var entries = new List<Entry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var current = Next(); current is not MappingEnd; current = Next())
        {
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

        return new MapNode(line, column, entries);
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
        catch (InvalidOperationException)
        {
            // Reported below, as for the texts that end the stream before its end.
        }

        throw new SyntaxErrorException(_last, _last, "unexpected text");
    }

    private void Refuse(int line, int column, string zh, string en) =>
        _faults.Error(line, column, "POL102", new($"不允许使用{zh}", $"{en} are not allowed."), new("请直接写出内容。", "Write the content out."));
}
