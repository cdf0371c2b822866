using System.Globalization;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>Draws an <see cref="AwardCurve"/>: a picture for the eye, and the same break-points as a table.</summary>
static class AwardChart
{
    // The axes cross at (Left, Floor).
    const int Width = 680, Left = 84, Right = 660, Top = 34, Floor = 230;

    /// <summary>The room that a label takes along the axis, and the rows that crowded ones share.</summary>
    const int LabelWidth = 96, LabelHeight = 16, LabelRows = 3;

    /// <param name="id">Of the picture, unique on the page.</param>
    /// <param name="award">What is drawn.</param>
    /// <param name="curve">As a function of its base.</param>
    /// <param name="language">The reader's.</param>
    public static Markup Of(string id, Award award, AwardCurve curve, Language language)
    {
        var points = curve.Points;
        var breaks = points.Where(point => point.IsBreak).ToList();
        var (farthest, highest) = (points[^1].At, Math.Max(1, points.Max(point => point.Sum.Value)));
        var (name, isMoney) = (curve.Base.Label(), curve.Base.Type() == FactType.Money);
        var title = new Wording($"{award.Label.Zh}随{name.Zh}的变化", $"The {award.Label.En} against the {name.En}").In(language);
        var (labels, height) = BaseLabels();
        var unit = isMoney ? new Wording("万元", "万元 = 10,000 yuan") : new Wording("个", "items");
        return $"""
            <figure><svg viewBox="0 0 {Width} {height}" role="img" aria-labelledby="{id}-title {id}-desc">
            <title id="{id}-title">{title}</title><desc id="{id}-desc">{Told()}</desc>
            {SumLabels()}{labels}
            <path class="axis" d="M{Left} {Top - 8}V{Floor}H{Right + 8}"/>
            <path class="curve" d="M{string.Join('L', points.Select(point => $"{X(point.At)} {Y(point.Sum)}"))}"/>
            {breaks.Select(point => (Markup)$"""<circle class="point" cx="{X(point.At)}" cy="{Y(point.Sum)}" r="4"/>""")}
            <text x="{Left}" y="{Top - 18}" text-anchor="middle">万元</text>
            <text x="{Right}" y="{height - 8}" text-anchor="end">{name.In(language)} ({unit.In(language)})</text>
            </svg>{Table()}</figure>
            """;

        string X(long at) => Tenths((Left * 10) + (long)((Int128)(Right - Left) * 10 * at / farthest));

        string Y(Fen sum) => Tenths((Floor * 10) - (long)((Int128)(Floor - Top) * 10 * sum.Value / highest));

        string Amount(long at) => isMoney ? TenThousands(at) : at.ToString(CultureInfo.InvariantCulture);

        // For who cannot see the picture: what it shows, in words.
        string Told() => language == Language.English
            ? $"{string.Join("; ", breaks.Select(p => $"{Amount(p.At)} gives {TenThousands(p.Sum.Value)}"))}; at the right edge {Amount(points[^1].At)} gives {TenThousands(points[^1].Sum.Value)} (万元, 10,000 yuan)."
            : $"{string.Join("；", breaks.Select(p => $"{Amount(p.At)}时为{TenThousands(p.Sum.Value)}"))}；图右端{Amount(points[^1].At)}时为{TenThousands(points[^1].Sum.Value)}（单位：万元）。";

        IEnumerable<Markup> SumLabels()
        {
            var last = int.MaxValue;
            foreach (var sum in breaks.Append(points[^1]).Select(point => point.Sum).Prepend(Fen.Zero).Distinct().Order())
            {
                var y = int.Parse(Y(sum).Split('.')[0], CultureInfo.InvariantCulture);
                if (last - y >= LabelHeight)
                {
                    last = y;
                    yield return $"""<path class="grid" d="M{Left} {Y(sum)}H{Right}"/><text x="{Left - 8}" y="{y + 4}" text-anchor="end">{TenThousands(sum.Value)}</text>""";
                }
            }
        }

        (IReadOnlyList<Markup> Labels, int Height) BaseLabels()
        {
            var (labels, below) = (new List<Markup>(), Floor);
            var taken = Enumerable.Repeat(-LabelWidth, LabelRows).ToArray();
            foreach (var at in breaks.Select(point => point.At).Prepend(0))
            {
                var x = int.Parse(X(at).Split('.')[0], CultureInfo.InvariantCulture);
                // Those for which there is no room are in the table.
                if (Array.FindIndex(taken, end => x - end >= LabelWidth) is var row and >= 0)
                {
                    taken[row] = x;
                    var y = Floor + 20 + (row * LabelHeight);
                    below = Math.Max(below, y);
                    labels.Add($"""<path class="grid" d="M{X(at)} {Top}V{y - 12}"/><text x="{X(at)}" y="{y}" text-anchor="middle">{Amount(at)}</text>""");
                }
            }

            return (labels, below + 30);
        }

        Markup Table() => $"""
            <details><summary>{new Wording("拐点", "break-points").Both(language)}</summary><div class="wide"><table>
            <tr><th scope="col">{name.Both(language)}</th><th scope="col">{award.Label.Both(language)}</th></tr>
            {breaks.Select(point => (Markup)$"<tr><td>{(isMoney ? point.At.ToYuan() : Amount(point.At))}</td><td>{point.Sum.Value.ToYuan()}</td></tr>")}
            </table></div></details>
            """;
    }

    static string ToYuan(this long fen) => new Fen(fen).ToYuanText() + " 元";

    /// <summary>In 万元, exact.</summary>
    static string TenThousands(long fen)
    {
        var (whole, rest) = Math.DivRem(fen, 1_000_000);
        return rest == 0 ? whole.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{whole}.{rest:000000}").TrimEnd('0');
    }

    static string Tenths(long tenths) => string.Create(CultureInfo.InvariantCulture, $"{tenths / 10}.{tenths % 10}");
}
