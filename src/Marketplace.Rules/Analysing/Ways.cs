namespace Marketplace.Rules;

/// <summary>One thing that conditions ask about: a fact, or one finding by its name.</summary>
internal readonly record struct Variable(Fact Fact, string? Finding = null)
{
    /// <summary>All values that it can have.</summary>
    public Interval Universe => Fact.Type() switch
    {
        FactType.Flag or FactType.Finding => new(0, 1),
        FactType.Kind => new(0, FactNames.Kinds.Count - 1),
        FactType.Entity => new(0, FactNames.Entities.Count - 1),
        FactType.Subject => new(0, FactNames.Subjects.Count - 1),
        FactType.Date => new(0, DateOnly.MaxValue.DayNumber),
        FactType.Region => new(100_000, 999_999),
        _ => new(0, long.MaxValue),
    };
}

/// <summary>One day is not before another, or is at least so many days after it.</summary>
internal readonly record struct DayOrder(Fact Earlier, Fact Later, int Apart);

/// <summary>One way in which conditions hold: what each thing must be, all at once. Words are numbers of a <see cref="WayFinder"/>.</summary>
internal sealed record Way(IReadOnlyDictionary<Variable, NumberSet> Allowed, IReadOnlyList<DayOrder> Orders)
{
    public static Way Any { get; } = new(new Dictionary<Variable, NumberSet>(), []);

    /// <summary>What the way allows a variable to be.</summary>
    public NumberSet Of(Variable variable) => Allowed.TryGetValue(variable, out var set) ? set : new(variable.Universe);

    /// <summary>Null when the two exclude each other.</summary>
    public Way? And(Way other)
    {
        var allowed = new Dictionary<Variable, NumberSet>(Allowed);
        foreach (var (variable, set) in other.Allowed)
        {
            var both = allowed.TryGetValue(variable, out var mine) ? mine.And(set) : set;
            if (both.IsEmpty) return null;
            allowed[variable] = both;
        }

        var way = new Way(allowed, [.. Orders.Concat(other.Orders).Distinct()]);
        return way.Orders.Count == 0 || way.Days(_ => 0) is not null ? way : null;
    }

    /// <summary>
    /// Days that the way allows, each the earliest that is neither before the one asked for nor before another that must come first; null when
    /// there are none.
    /// </summary>
    public IReadOnlyDictionary<Fact, long>? Days(Func<Fact, long> from)
    {
        var days = new Dictionary<Fact, long>();
        foreach (var fact in Orders.SelectMany(o => new[] { o.Earlier, o.Later }).Distinct())
        {
            if (Of(new(fact)).AtLeast(from(fact)) is not { } day) return null;
            days[fact] = day;
        }

        // A day moves with those before it, at most once round all of them between two leaps over days that are not allowed; moving on for
        // longer is running in a circle.
        var rounds = days.Count * (1 + days.Keys.Sum(fact => Of(new(fact)).Stretches.Count));
        for (var moved = true; moved; rounds--)
        {
            if (rounds < 0) return null;
            moved = false;
            foreach (var (earlier, later, apart) in Orders)
            {
                if (days[later] >= days[earlier] + apart) continue;
                if (Of(new(later)).AtLeast(days[earlier] + apart) is not { } day) return null;
                (days[later], moved) = (day, true);
            }
        }

        return days;
    }
}

/// <summary>Finds all ways in which conditions hold, over <c>all</c>, <c>any</c> and <c>not</c>.</summary>
internal sealed class WayFinder
{
    // More ways than anybody would read; a document that has them is told what was left undecided.
    private const int Most = 500;

    private readonly Dictionary<Fact, List<string>> _words = [];

    /// <summary>Whether no way was left out.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>A word as a number; words that no condition names are one and the same.</summary>
    public long Number(Fact fact, string word) => Words(fact).FindIndex(known => CanonicalName.AreSameTitle(known, word)) is var index && index < 0 ? long.MaxValue : index;

    /// <summary>The word of a number; null for words that no condition names.</summary>
    public string? Word(Fact fact, long number) => number < Words(fact).Count ? Words(fact)[(int)number] : null;

    /// <summary>The ways that remain when conditions must hold as well.</summary>
    public IReadOnlyList<Way> And(IReadOnlyList<Way> ways, IEnumerable<Condition> conditions) =>
        conditions.Aggregate(ways, (all, condition) => Both(all, Of(condition, holds: true)));

    /// <summary>The ways that remain when at least one of the conditions must fail.</summary>
    public IReadOnlyList<Way> AndNot(IReadOnlyList<Way> ways, IEnumerable<Condition> conditions) =>
        Both(ways, [.. conditions.SelectMany(condition => Of(condition, holds: false))]);

    /// <summary>The ways that remain when a word must be this one.</summary>
    public IReadOnlyList<Way> And(IReadOnlyList<Way> ways, Fact fact, string word) => Both(ways, [Single(new(fact), [Word(fact, word)])]);

    /// <summary>The ways that remain when a number must lie between two bounds, both included.</summary>
    public IReadOnlyList<Way> And(IReadOnlyList<Way> ways, Fact fact, Interval within) => Both(ways, [Single(new(fact), [within])]);

    private IReadOnlyList<Way> Of(Condition condition, bool holds) => condition switch
    {
        FactTest test => Leaf(new(test.Fact), test.Passing(), holds),
        WordIn test => Leaf(new(test.Fact), test.Words.Select(word => Word(test.Fact, word)), holds),
        Assessed test => Leaf(new(Fact.Findings, test.Name), [new(1, 1)], holds),
        DatesInOrder order => Of(order, holds),
        Not not => Of(not.Part, !holds),
        AllOf all => holds ? All(all.Parts, holds) : Some(all.Parts, holds),
        AnyOf any => holds ? Some(any.Parts, holds) : All(any.Parts, holds),
        _ => throw new InvalidOperationException($"{condition.GetType()} is no condition known here."),
    };

    private static Way[] Leaf(Variable variable, IEnumerable<Interval> passing, bool holds)
    {
        var set = new NumberSet(passing).And(new(variable.Universe));
        if (!holds) set = set.Complement(variable.Universe);
        return set.IsEmpty ? [] : [new Way(new Dictionary<Variable, NumberSet> { [variable] = set }, [])];
    }

    private static Way[] Of(DatesInOrder order, bool holds)
    {
        var pairs = order.Days.Zip(order.Days.Skip(1));
        // Days out of order have two neighbours out of order.
        return holds ? [new(Way.Any.Allowed, [.. pairs.Select(p => new DayOrder(p.First, p.Second, 0))])]
            : [.. pairs.Select(p => new Way(Way.Any.Allowed, [new DayOrder(p.Second, p.First, 1)]))];
    }

    private IReadOnlyList<Way> All(IReadOnlyList<Condition> parts, bool hold) =>
        parts.Aggregate((IReadOnlyList<Way>)[Way.Any], (ways, part) => Both(ways, Of(part, hold)));

    private Way[] Some(IReadOnlyList<Condition> parts, bool hold) => Cut(parts.SelectMany(part => Of(part, hold)));

    private Way[] Both(IReadOnlyList<Way> some, IReadOnlyList<Way> others) =>
        Cut(some.SelectMany(a => others.Select(b => a.And(b))).OfType<Way>());

    private Way[] Cut(IEnumerable<Way> ways)
    {
        Way[] some = [.. ways.Take(Most + 1)];
        if (some.Length <= Most) return some;
        IsComplete = false;
        return some[..Most];
    }

    private static Way Single(Variable variable, IEnumerable<Interval> allowed) =>
        new(new Dictionary<Variable, NumberSet> { [variable] = new(allowed) }, []);

    private Interval Word(Fact fact, string word)
    {
        var words = Words(fact);
        if (!words.Contains(word)) words.Add(word);
        var index = words.IndexOf(word);
        return new(index, index);
    }

    private List<string> Words(Fact fact)
    {
        if (!_words.TryGetValue(fact, out var words)) _words[fact] = words = [];
        return words;
    }
}
