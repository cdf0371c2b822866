namespace Marketplace.Matching;

/// <summary>
/// What is known beside the text. Each criterion moves the score by a small share of what the text has earned: met, towards 1; unmet,
/// towards 0. So all of it together can swap only matches whose texts fit about equally well, and of two listings with the same
/// evidence the one whose text fits better always scores more.
/// </summary>
internal static class Evidence
{
    /// <summary>The most that all criteria together can add, as a share of the text's part.</summary>
    public const double MostGain = FieldWeight + RegionWeight + BudgetWeight + ReadinessWeight + ModeWeight;

    // No public data to tune on: small, and together a fifth.
    private const double FieldWeight = 0.06;
    private const double RegionWeight = 0.03;
    private const double BudgetWeight = 0.04;
    private const double ReadinessWeight = 0.04;
    private const double ModeWeight = 0.03;

    private static readonly ReasonKind[] Criteria =
        [ReasonKind.Field, ReasonKind.Region, ReasonKind.Budget, ReasonKind.Readiness, ReasonKind.Mode];

    /// <summary>Whether the query states anything beside its text.</summary>
    public static bool IsAsked(Query query) => query is not { Field: null, Region: null, Money: null, Trl: null, Modes.Count: 0 };

    /// <summary>The text's part and that of every criterion, added in the order of the parts.</summary>
    public static double Total(Query query, Listing listing, double text)
    {
        double total = text;
        foreach (ReasonKind criterion in Criteria)
            total += Contribution(criterion, Judge(criterion, query, listing), text);
        return total;
    }

    public static void AddParts(List<Part> parts, Query query, Listing listing, double text)
    {
        foreach (ReasonKind criterion in Criteria)
        {
            if (Judge(criterion, query, listing) is { } finding)
                parts.Add(new Part(criterion, Contribution(criterion, finding, text), finding.Verdict));
        }
    }

    /// <summary>The budget of whichever side is the demand, and the price of the other.</summary>
    public static (MoneyRange? Budget, MoneyRange? Price) Money(Query query, Listing listing) =>
        listing.Side == Side.Achievements ? (query.Money, listing.Money) : (listing.Money, query.Money);

    /// <summary>The least readiness that whichever side is the demand asks for, and the level that the other has reached.</summary>
    public static (int? Least, int? Reached) Readiness(Query query, Listing listing) =>
        listing.Side == Side.Achievements ? (query.Trl, listing.Trl) : (listing.Trl, query.Trl);

    /// <summary>The first mode asked for that the listing has too.</summary>
    public static string? CommonMode(Query query, Listing listing)
    {
        foreach (string mode in query.Modes)
        {
            if (listing.Modes.Contains(mode))
                return mode;
        }

        return null;
    }

    /// <summary>How near two regions are: 1 for the same division, 0.75 within a city, 0.5 within a province, else 0.</summary>
    public static double Nearness(string one, string other)
    {
        if (one == other)
            return 1;
        if (SharePrefix(one, other, 4))
            return 0.75;
        return SharePrefix(one, other, 2) ? 0.5 : 0;
    }

    private static double Contribution(ReasonKind criterion, Finding? finding, double text) => finding switch
    {
        { Verdict: Verdict.Met, Strength: var strength } => WeightOf(criterion) * strength * text * (1 - text),
        { Verdict: Verdict.Unmet, Strength: var strength } => -WeightOf(criterion) * strength * text,
        _ => 0,
    };

    private static double WeightOf(ReasonKind criterion) => criterion switch
    {
        ReasonKind.Field => FieldWeight,
        ReasonKind.Region => RegionWeight,
        ReasonKind.Budget => BudgetWeight,
        ReasonKind.Readiness => ReadinessWeight,
        ReasonKind.Mode => ModeWeight,
        _ => 0,
    };

    /// <summary>Null when the query does not ask.</summary>
    private static Finding? Judge(ReasonKind criterion, Query query, Listing listing) => criterion switch
    {
        ReasonKind.Field when query.Field is not null => JudgeField(query.Field, listing.Field),
        ReasonKind.Region when query.Region is not null => JudgeRegion(query.Region, listing.Region),
        ReasonKind.Budget when query.Money is not null => JudgeBudget(query, listing),
        ReasonKind.Readiness when query.Trl is not null => JudgeReadiness(query, listing),
        ReasonKind.Mode when query.Modes.Count > 0 => JudgeMode(query, listing),
        _ => null,
    };

    private static Finding JudgeField(string asked, string? stated) => stated switch
    {
        null => Finding.Unknown,
        _ => Finding.If(stated == asked),
    };

    // Distance is told but not held against anyone: trade between regions is wanted.
    private static Finding JudgeRegion(string asked, string? stated)
    {
        if (stated is null)
            return Finding.Unknown;
        double nearness = Nearness(asked, stated);
        return nearness > 0 ? new Finding(Verdict.Met, nearness) : new Finding(Verdict.Unmet, 0);
    }

    private static Finding JudgeBudget(Query query, Listing listing)
    {
        (MoneyRange? budget, MoneyRange? price) = Money(query, listing);
        if (price?.Low is not { } lowest)
            return Finding.Unknown;
        if (budget?.High is { } most)
            return Finding.If(lowest <= most);
        return budget?.Low is { } least && lowest <= least ? Finding.If(true) : Finding.Unknown;
    }

    private static Finding JudgeReadiness(Query query, Listing listing) =>
        Readiness(query, listing) is ({ } least, { } reached) ? Finding.If(reached >= least) : Finding.Unknown;

    private static Finding JudgeMode(Query query, Listing listing) =>
        listing.Modes.Count == 0 ? Finding.Unknown : Finding.If(CommonMode(query, listing) is not null);

    private static bool SharePrefix(string one, string other, int length) =>
        one.Length >= length && other.Length >= length && one.AsSpan(0, length).SequenceEqual(other.AsSpan(0, length));

    /// <param name="Verdict">What the evidence says.</param>
    /// <param name="Strength">How strongly, 0–1.</param>
    private readonly record struct Finding(Verdict Verdict, double Strength)
    {
        public static Finding Unknown => new(Verdict.Unknown, 0);

        public static Finding If(bool met) => new(met ? Verdict.Met : Verdict.Unmet, 1);
    }
}
