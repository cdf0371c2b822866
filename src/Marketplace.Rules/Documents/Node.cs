using System.Text;

namespace Marketplace.Rules.Documents;

/// <summary>The part of a text from one place to another, lines and columns from 1, the end not included.</summary>
internal readonly record struct Extent(int Line, int Column, int EndLine, int EndColumn);

/// <summary>A part of a document with the place where it stands.</summary>
internal abstract record Node(Extent At)
{
    public int Line => At.Line;

    public int Column => At.Column;

    /// <summary>One text for all layouts of the same content: what the hash is taken over.</summary>
    public abstract void Canonical(StringBuilder to);

    protected static void CanonicalText(StringBuilder to, string text) =>
        to.Append(text.Length).Append(':').Append(text);
}

internal sealed record ScalarNode(Extent At, string Text, bool Plain) : Node(At)
{
    public override void Canonical(StringBuilder to) => CanonicalText(to, Text);
}

internal sealed record ListNode(Extent At, IReadOnlyList<Node> Items) : Node(At)
{
    public override void Canonical(StringBuilder to)
    {
        to.Append('[');
        foreach (var item in Items) item.Canonical(to);
        to.Append(']');
    }
}

internal sealed record MapNode(Extent At, IReadOnlyList<Entry> Entries) : Node(At)
{
    public Node? this[string key]
    {
        get
        {
            foreach (var entry in Entries)
                if (entry.Key.Text == key)
                    return entry.Value;
            return null;
        }
    }

    public override void Canonical(StringBuilder to)
    {
        to.Append('{');
        foreach (var (key, value) in Entries)
        {
            key.Canonical(to);
            value.Canonical(to);
        }

        to.Append('}');
    }
}

internal sealed record Entry(ScalarNode Key, Node Value);
