using System.Globalization;
using System.Text;

namespace Marketplace.Rules.Documents;

/// <summary>Writes a document tree as YAML, one entry a line; reading it gives the same tree.</summary>
internal static class Printer
{
    public static void Print(StringBuilder to, Node node, int indent)
    {
        switch (node)
        {
            case MapNode map:
                foreach (var (key, value) in map.Entries)
                {
                    Text(to.Append(' ', indent), key.Text);
                    Value(to.Append(':'), value, indent);
                }

                break;
            case ListNode list:
                foreach (var item in list.Items) Value(to.Append(' ', indent).Append('-'), item, indent);
                break;
            case ScalarNode scalar:
                Text(to.Append(' ', indent), scalar.Text);
                to.Append('\n');
                break;
        }
    }

    private static void Value(StringBuilder to, Node value, int indent)
    {
        switch (value)
        {
            case ScalarNode scalar:
                Text(to.Append(' '), scalar.Text);
                to.Append('\n');
                break;
            case MapNode { Entries.Count: 0 }:
                to.Append(" {}\n");
                break;
            case ListNode { Items.Count: 0 }:
                to.Append(" []\n");
                break;
            default:
                Print(to.Append('\n'), value, indent + 2);
                break;
        }
    }

    /// <summary>Bare where it is letters and digits alone, which YAML cannot take for anything else; else in double quotes.</summary>
    private static void Text(StringBuilder to, string text)
    {
        if (text.Length > 0 && text.All(char.IsLetterOrDigit))
        {
            to.Append(text);
            return;
        }

        to.Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\') to.Append('\\').Append(c);
            else if (c == '\n') to.Append("\\n");
            // Spaces that are not the common one, marks of line ends and of byte order read otherwise when they stand bare.
            else if (c != ' ' && (char.IsControl(c) || char.IsWhiteSpace(c) || c == '\uFEFF')) to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else to.Append(c);
        }

        to.Append('"');
    }
}
