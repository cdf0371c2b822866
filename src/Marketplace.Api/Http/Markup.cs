using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Marketplace.Api.Http;

/// <summary>
/// A piece of a page, written as an interpolated string: what stands in it is markup, what is put into it is text and becomes encoded,
/// unless it is markup itself.
/// </summary>
[InterpolatedStringHandler]
public readonly struct Markup(int literalLength, int formattedCount)
{
    readonly StringBuilder _html = new(literalLength + (16 * formattedCount));

    public void AppendLiteral(string markup) => _html.Append(markup);

    public void AppendFormatted(string? text) => _html.Append(WebUtility.HtmlEncode(text));

    public void AppendFormatted(long number) => _html.Append(CultureInfo.InvariantCulture, $"{number}");

    public void AppendFormatted(DateOnly day) => _html.Append(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}");

    public void AppendFormatted(Markup part) => _html.Append(part._html);

    public void AppendFormatted(IEnumerable<Markup> parts)
    {
        foreach (var part in parts)
        {
            _html.Append(part._html);
        }
    }

    public override string ToString() => _html.ToString();
}
