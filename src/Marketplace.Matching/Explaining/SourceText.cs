using System.Globalization;

namespace Marketplace.Matching;

/// <summary>The words of a listing, or of a free text, and the way from a place in their folded form back to the member that it stands in.</summary>
internal sealed class SourceText
{
    private readonly List<Piece> _pieces = [];

    private SourceText()
    {
    }

    /// <summary>The folded words, as the analysis of <see cref="Listing.Words"/> sees them.</summary>
    public string Folded { get; private set; } = "";

    public static SourceText Of(Listing listing) => new SourceText().Add(TextMember.Title, 0, listing.Title).Add(TextMember.Text, 0, listing.Text)
        .AddAll(listing.Keywords).End();

    public static SourceText Of(Query query) =>
        query.Asker is { } listing && listing.Words() == query.Text ? Of(listing) : new SourceText().Add(TextMember.Text, 0, query.Text).End();

    /// <returns>Null where the place cannot be told; it can, but for texts that normalisation composes across what people see as characters.</returns>
    public TextSpan? Locate(int start, int length, int term)
    {
        Piece piece = _pieces.FindLast(piece => piece.Start <= start)!;
        int first = start - piece.Start, last = first + length - 1;
        if (last >= piece.Length)
            return null;
        if (piece.Places is not { } places)
            return piece.IsSame ? new TextSpan(piece.Member, piece.Item, first, length, term) : null;
        return new TextSpan(piece.Member, piece.Item, places[first].Start, places[last].End - places[first].Start, term);
    }

    private SourceText AddAll(IReadOnlyList<string> keywords)
    {
        for (int i = 0; i < keywords.Count; i++)
            Add(TextMember.Keywords, i, keywords[i]);
        return this;
    }

    private SourceText Add(TextMember member, int item, string text)
    {
        FoldedText form = FoldedText.Of(text);
        // Nearly every text is its own compatibility form, and its places are its own.
        bool isSame = ReferenceEquals(form.Shown, text);
        int start = _pieces.Count == 0 ? 0 : _pieces[^1].Start + _pieces[^1].Length + 1;
        _pieces.Add(new Piece(member, item, start, form.Folded, isSame, isSame ? null : PlacesOf(text, form.Folded)));
        return this;
    }

    private SourceText End()
    {
        // The pieces are joined by line ends, which fold to themselves and never join with what stands beside them.
        Folded = string.Join('\n', _pieces.Select(piece => piece.Folded));
        return this;
    }

    /// <summary>For each unit of the folded text, the characters of the text, as people see them, that it comes from; null where it is not made of those.</summary>
    private static (int Start, int End)[]? PlacesOf(string text, string folded)
    {
        var places = new (int Start, int End)[folded.Length];
        int at = 0;
        for (int start = 0; start < text.Length;)
        {
            int end = start + StringInfo.GetNextTextElementLength(text, start);
            string part = FoldedText.Of(text[start..end]).Folded;
            if (at + part.Length > folded.Length || !folded.AsSpan(at, part.Length).SequenceEqual(part))
                return null;
            places.AsSpan(at, part.Length).Fill((start, end));
            at += part.Length;
            start = end;
        }

        return at == folded.Length ? places : null;
    }

    private sealed record Piece(TextMember Member, int Item, int Start, string Folded, bool IsSame, (int Start, int End)[]? Places)
    {
        public int Length => Folded.Length;
    }
}
