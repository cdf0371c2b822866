using System.Text;

namespace Marketplace.Rules.Documents;

/// <summary>A part of a document with the place where it begins (line and column from 1).</summary>
internal abstract record Node(int Line, int Column)
{
    /// <summary>One text for all layouts of the same content: what the hash is taken over.</summary>
    public abstract void Canonical(StringBuilder to);

    protected static void CanonicalText(StringBuilder to, string text) =>
        to.Append(text.Length).Append(':').Append(text);
}

internal sealed record ScalarNode(int Line, int Column, string Text, bool Plain) : Node(Line, Column)
{
    public override void Canonical(StringBuilder to) => CanonicalText(to, Text);
}

internal sealed record ListNode(int Line, int Column, IReadOnlyList<Node> Items) : Node(Line, Column)
{
    public override void Canonical(StringBuilder to)
    {
        to.Append('[');
        foreach (var item in Items) item.Canonical(to);
        to.Append(']');
    }
}

internal sealed record MapNode(int Line, int Column, IReadOnlyList<Entry> Entries) : Node(Line, Column)
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
