namespace Marketplace.Matching;

/// <summary>Which documents of a segment may be found: those that live and that the filter admits.</summary>
internal sealed class Admission
{
    private readonly ulong[]? _deleted;
    private readonly ulong[]? _withMode;
    private readonly List<Narrowing> _narrowings = [];
    private readonly ulong[] _selected = new ulong[PostingsLayout.WindowWords];

    public Admission(SegmentView view, Filter? filter)
    {
        Facts facts = view.Segment.Facts;
        _deleted = view.Deleted;
        if (filter is null)
            return;
        if (filter.Field is { } field)
            Narrow(facts.Fields, Exactly(facts.Fields, field));
        if (filter.RegionPrefix is { } prefix)
            Narrow(facts.Regions, StartingWith(facts.Regions, prefix));
        if (filter.Owner is { } owner)
            Narrow(facts.Owners, Exactly(facts.Owners, owner));
        if (filter.NotOwner is { } excluded && Exactly(facts.Owners, excluded) is { } range && range.First <= range.Last)
            Narrow(facts.Owners, range, exclude: true);
        if (filter.LeastTrl is not null || filter.MostTrl is not null)
            Narrow(facts.Readiness, facts.Readiness.Between(filter.LeastTrl ?? Facts.Unstated + 1, filter.MostTrl ?? long.MaxValue));
        if (filter.Money is { } money)
        {
            Narrow(facts.Lows, facts.Lows.Between(Facts.OpenBelow, money.High ?? long.MaxValue));
            Narrow(facts.Highs, facts.Highs.Between(money.Low ?? Facts.OpenBelow, Facts.OpenAbove));
        }

        if (filter.Mode is { } mode)
            _withMode = facts.WithMode(mode);
    }

    /// <summary>True when every document may be found.</summary>
    public bool IsOpen => _deleted is null && _withMode is null && _narrowings.Count == 0;

    public bool Admits(int document)
    {
        Span<ulong> mask = [0];
        return IsOpen || (Fill(document >> 6, mask) && (mask[0] >> (document & 63) & 1) != 0);
    }

    /// <summary>Sets the bits of the documents that may be found, from the first of a word of bits on.</summary>
    /// <returns>False when there are none.</returns>
    public bool Fill(int word, Span<ulong> mask)
    {
        Span<ulong> selected = _selected.AsSpan(0, mask.Length);
        mask.Fill(ulong.MaxValue);
        foreach (Narrowing narrowing in _narrowings)
        {
            selected.Clear();
            narrowing.Select(word * 64, selected);
            for (int i = 0; i < mask.Length; i++)
                mask[i] &= narrowing.Exclude ? ~selected[i] : selected[i];
        }

        if (_withMode is not null)
        {
            for (int i = 0; i < mask.Length; i++)
                mask[i] &= _withMode[word + i];
        }

        if (_deleted is not null)
        {
            for (int i = 0; i < mask.Length && word + i < _deleted.Length; i++)
                mask[i] &= ~_deleted[word + i];
        }

        return mask.ContainsAnyExcept(0UL);
    }

    private void Narrow<T>(Column<T> column, CodeRange range, bool exclude = false)
        where T : notnull => _narrowings.Add(new Narrowing((start, bits) => column.Select(range, start, bits), exclude));

    // The empty string stands for "not stated", which no condition admits.
    private static CodeRange Exactly(Column<string> column, string value) =>
        value.Length == 0 ? new CodeRange(0, -1) : column.Between(value, value);

    private static CodeRange StartingWith(Column<string> column, string prefix)
    {
        string[] values = column.Values;
        int first = Array.BinarySearch(values, prefix, StringComparer.Ordinal);
        first = first >= 0 ? first : ~first;
        if (first < values.Length && values[first].Length == 0)
            first++;
        int last = first - 1;
        while (last + 1 < values.Length && values[last + 1].StartsWith(prefix, StringComparison.Ordinal))
            last++;
        return new CodeRange(first, last);
    }

    private delegate void Selector(int start, Span<ulong> bits);

    private readonly record struct Narrowing(Selector Select, bool Exclude);
}
