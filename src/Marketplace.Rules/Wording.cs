namespace Marketplace.Rules;

/// <summary>The same thing said in Chinese and in English.</summary>
/// <param name="Zh">Chinese.</param>
/// <param name="En">English.</param>
public readonly record struct Wording(string Zh, string En)
{
    /// <summary>A word of a document or of a caller, which has no other form in either language.</summary>
    public static Wording Quoted(string word)
    {
        // Marks within marks are single ones, in both languages.
        var inner = word.Replace('“', '‘').Replace('”', '’');
        return new($"“{inner}”", $"“{inner}”");
    }

    /// <summary>One after the other.</summary>
    public static Wording Join(IEnumerable<Wording> words) => Join(words, "、", ", ");

    /// <summary>One after the other, with something between.</summary>
    public static Wording Join(IEnumerable<Wording> words, string zh, string en)
    {
        var all = words.ToList();
        return new(string.Join(zh, all.Select(word => word.Zh)), string.Join(en, all.Select(word => word.En)));
    }
}
