using System.Numerics;

namespace Marketplace.Rules.Tests;

/// <summary>What an award comes to by the oracle: two ends where a person decides, else one sum.</summary>
internal sealed record OracleAnswer(string Award, BigInteger Low, BigInteger High, bool IsDecided);

/// <summary>
/// The slow twin: the vocabulary of policies written down once more from its specification, in fractions of whole numbers without bound,
/// sharing nothing with the evaluator but the names of facts. It takes drafts, not loaded policies, so that the loader is held against it too.
/// </summary>
internal sealed class Oracle(PolicyCase given)
{
    private readonly Draft _draft = given.Draft;

    /// <summary>
    /// Every award about the case's subject, in order. Where a person decides, once with the least and once with the greatest decision. Null
    /// where the parties chose an award that is not due, and so have yet to choose.
    /// </summary>
    public static IReadOnlyList<OracleAnswer>? Evaluate(PolicyCase given)
    {
        var oracle = new Oracle(given);
        if (oracle.Stacked(least: true) is not { } least || oracle.Stacked(least: false) is not { } greatest) return null;
        return
        [
            .. given.Draft.Awards.Where(a => a.Subject == given.Subject).Select(a =>
                new OracleAnswer(a.Id, least[a.Id], greatest[a.Id], oracle.IsEligible(a) && oracle.IsDecided(a.Amount))),
        ];
    }

    /// <summary>What earlier grants under these awards take up of a limit of one of them.</summary>
    public BigInteger Used(AwardDraft award, IReadOnlyList<string> awards, Over over)
    {
        Grant[] counted = [.. given.History.Where(g => awards.Contains(g.Award) && Counts(g, award, over))];
        Grant[] moving = [.. counted.Where(g => g.On is not null && (over.Scope == Scope.NYears || IsOfParties(g, over)))];
        var day = given.Day(award.GovernedBy);
        // Every stretch of that length which the case lies in; it can end with the case or with a later grant.
        var fullest = moving.Select(g => g.On!.Value).Where(on => on >= day).Append(day).Max(end => Sum(moving.Where(g => Shares(g.On!.Value, end, over) && Shares(day, end, over))));
        return Sum(counted.Except(moving)) + fullest;

        static BigInteger Sum(IEnumerable<Grant> grants) => grants.Aggregate(BigInteger.Zero, (sum, g) => sum + g.Amount.Value);
    }

    /// <summary>Whether a day lies in the stretch that ends with another.</summary>
    private static bool Shares(DateOnly day, DateOnly end, Over over) => over.Scope == Scope.NYears
        ? day.Year <= end.Year && day.Year > end.Year - (int)over.Years!.Above
        : day <= end && day >= end.AddYears(-1);

    private bool IsOfParties(Grant grant, Over over) => over is { Scope: Scope.Project, Unnamed: Unnamed.Parties }
        && !Is(grant.Contract, Fact.Contract) && (grant.Project is null || !given.Words.ContainsKey(Fact.Project));

    /// <summary>The award by itself, before it bears on others.</summary>
    public BigInteger Alone(AwardDraft award, bool least)
    {
        if (!IsEligible(award) || Amount(award.Amount, award, least) is not { } sum) return 0;
        if (award.LessPaid is { } scope && Used(award, [award.Id], new(scope, null)) is var paid && paid > 0)
        {
            if (sum <= paid) return 0;
            sum -= paid;
        }

        BigInteger? room = null;
        foreach (var limit in award.Limits)
        {
            var used = Used(award, [award.Id], limit.Over);
            switch (limit)
            {
                case LimitDraft.Floor floor:
                    sum = Fraction.Max(sum, BigInteger.Max(0, Value(floor.Sum, award) - used));
                    break;
                case LimitDraft.MinimumToPay minimum:
                    if (sum < BigInteger.Max(0, Value(minimum.Sum, award) - used)) return 0;
                    break;
                default:
                    var left = BigInteger.Max(0, Most(limit, award) - used);
                    // What is used up stays used up, whatever floor may follow.
                    if (left == 0 && used > 0) return 0;
                    sum = Fraction.Min(sum, left);
                    room = room is { } before ? BigInteger.Min(before, left) : left;
                    break;
            }
        }

        var down = (sum / award.Unit).Floor * award.Unit;
        var up = down + award.Unit;
        var rest = sum - down;
        var lifts = award.Mode switch { RoundingMode.Up => rest > 0, RoundingMode.HalfUp => rest + rest >= award.Unit, _ => false };
        return lifts && (room is null || up <= room) ? up : down;
    }

    private Dictionary<string, BigInteger>? Stacked(bool least)
    {
        var paid = given.Draft.Awards.ToDictionary(a => a.Id, a => a.Subject == given.Subject ? Alone(a, least) : 0);
        foreach (var rule in _draft.Stacking)
        {
            AwardDraft[] due = [.. rule.Awards.Where(id => paid[id] > 0).Select(id => _draft.Awards.Single(a => a.Id == id))];
            switch (rule)
            {
                case StackingDraft.Exclusive exclusive:
                    var kept = new List<AwardDraft>();
                    foreach (var award in due)
                    {
                        if (WasAnotherPaid(award, rule, exclusive.Scope) || kept.Exists(other => exclusive.Scope == Scope.Contract || AreOfOneYear(award, other))) paid[award.Id] = 0;
                        else kept.Add(award);
                    }

                    break;
                case StackingDraft.HigherOf:
                    var highest = due.MaxBy(a => paid[a.Id]);
                    Keep(highest);
                    if (highest is not null) TakeOff(highest, [.. rule.Awards.Where(id => id != highest.Id)]);
                    break;
                case StackingDraft.InPlace:
                    var first = due.FirstOrDefault(a => a.Id == rule.Awards[0]);
                    if (first is not null) TakeOff(first, [.. rule.Awards.Skip(1)]);
                    foreach (var award in due.Where(a => a != first))
                        if (Used(award, [rule.Awards[0]], new(Scope.Contract, null)) > 0 || (first is not null && paid[first.Id] > 0 && !IsDecided(first.Amount)))
                            paid[award.Id] = 0;
                    break;
                case StackingDraft.ChosenByParties:
                    AwardDraft[] open = [.. due.Where(a => !WasAnotherPaid(a, rule, Scope.Contract))];
                    var chosen = open.Length < 2 ? open.FirstOrDefault() : open.FirstOrDefault(a => a.Id == given.Words[Fact.ChosenAward]);
                    if (open.Length > 1 && chosen is null) return null;
                    Keep(chosen);
                    break;
                case StackingDraft.Deduct deduct:
                    var elsewhere = Known(deduct.Sum);
                    foreach (var award in due)
                    {
                        var off = BigInteger.Min(elsewhere, paid[award.Id]);
                        (elsewhere, paid[award.Id]) = (elsewhere - off, paid[award.Id] - off);
                    }

                    break;
                case StackingDraft.CombinedCap cap:
                    for (var i = 0; i < due.Length; i++)
                    {
                        // Two payees have a cap each, unless they are one and the same.
                        var drawn = due[..i].Where(a => (cap.Over.Scope is not (Scope.PartyYear or Scope.OfficeYear) || given.Day(a.GovernedBy).Year == given.Day(due[i].GovernedBy).Year) && (cap.Over.Scope is not (Scope.PartyYear or Scope.PartyLifetime or Scope.PartyTitle or Scope.NYears) || given.Words[Party(a)] == given.Words[Party(due[i])]));
                        var left = cap.Sum.On(given.Day(Fact.RecognisedOn)).Above - Used(due[i], rule.Awards, cap.Over) - drawn.Aggregate(BigInteger.Zero, (sum, a) => sum + paid[a.Id]);
                        paid[due[i].Id] = BigInteger.Max(0, BigInteger.Min(paid[due[i].Id], left));
                    }

                    break;
            }

            void TakeOff(AwardDraft award, IReadOnlyList<string> others) =>
                paid[award.Id] = BigInteger.Max(0, paid[award.Id] - Used(award, others, new(Scope.Contract, null)));

            void Keep(AwardDraft? one)
            {
                foreach (var award in due)
                    if (award != one)
                        paid[award.Id] = 0;
            }
        }

        return paid;
    }

    private bool WasAnotherPaid(AwardDraft award, StackingDraft rule, Scope scope) =>
        Used(award, [.. rule.Awards.Where(id => id != award.Id)], new(scope, null)) > 0;

    private bool AreOfOneYear(AwardDraft one, AwardDraft other) =>
        given.Words[Party(one)] == given.Words[Party(other)] && given.Day(one.GovernedBy).Year == given.Day(other.GovernedBy).Year;

    private bool Counts(Grant grant, AwardDraft award, Over over)
    {
        var day = given.Day(award.GovernedBy);
        long? years = over.Scope switch { Scope.PartyYear or Scope.OfficeYear => 1, Scope.NYears => (long)over.Years!.Above, _ => null };
        if (years is { } apart && grant.On is { } on && Math.Abs(on.Year - day.Year) >= apart) return false;
        var hasProject = given.Words.TryGetValue(Fact.Project, out var project);
        switch (over.Scope)
        {
            case Scope.Contract:
                return Is(grant.Contract, Fact.Contract) || (grant.Contract is null && (grant.Project is null || !hasProject || grant.Project == project));
            case Scope.Project when Is(grant.Contract, Fact.Contract):
                return true;
            case Scope.Project when hasProject && grant.Project is not null:
                return grant.Project == project && (Is(grant.Buyer ?? given.Words[Fact.Buyer], Fact.Buyer) || Is(grant.Seller ?? given.Words[Fact.Seller], Fact.Seller));
            case Scope.Project when over.Unnamed == Unnamed.Contract:
                return grant.Contract is null;
            case Scope.Project:
                var (earlier, later) = grant.On is { } granted && granted < day ? (granted, day) : (day, grant.On ?? day);
                return Fits(grant.Buyer, Fact.Buyer) && Fits(grant.Seller, Fact.Seller) && later.AddYears(-1) <= earlier;
            case Scope.Achievement: return Fits(grant.Achievement, Fact.Achievement);
            case Scope.Platform: return Fits(grant.Platform, Fact.Platform);
            case Scope.OfficeYear: return Fits(grant.Office, Fact.Office);
            case Scope.PartyTitle: return Fits(grant.Party, Party(award)) && Fits(grant.Title, Fact.Title);
            default: return Fits(grant.Party, Party(award));
        }

        bool Fits(string? name, Fact fact) => name is null || Is(name, fact);
    }

    private static Fact Party(AwardDraft award) =>
        award.Payee switch { Payee.Buyer => Fact.Buyer, Payee.Seller => Fact.Seller, Payee.Broker => Fact.Broker, Payee.Applicant => Fact.Applicant, _ => Fact.Office };

    private bool Is(string? name, Fact fact) => name is not null && given.Words.TryGetValue(fact, out var own) && name == own;

    private bool IsEligible(AwardDraft award)
    {
        var day = given.Day(award.GovernedBy);
        return day >= _draft.From && (_draft.To is null || day <= _draft.To) && NumbersOf(award).All(n => n.On(day) != Number.None) && award.When.All(Holds);
    }

    private bool Holds(ConditionDraft condition) => condition switch
    {
        ConditionDraft.Kind kind => kind.Kinds.Contains((ContractKind)given.Numbers[Fact.Kind]),
        ConditionDraft.Entity entity => entity.Kinds.Contains((EntityKind)given.Numbers[entity.Fact]),
        ConditionDraft.Flag flag => flag.Value == (given.Numbers[flag.Fact] == 1),
        ConditionDraft.Region region => Lies($"{given.Numbers[region.Fact]}", region.Place),
        ConditionDraft.Day day => (day.From is null || given.Day(day.Fact) >= day.From) && (day.To is null || given.Day(day.Fact) <= day.To),
        ConditionDraft.Within within => within.Span.Contains(Known(within.Fact)),
        ConditionDraft.Word word => word.Words.Contains(given.Words[word.Fact]),
        ConditionDraft.Order order => order.Days.Zip(order.Days.Skip(1)).All(pair => given.Day(pair.First) <= given.Day(pair.Second)),
        ConditionDraft.Assessed assessed => given.Findings.Single(f => f.Name == assessed.Name).Holds,
        ConditionDraft.All all => all.Parts.All(Holds),
        ConditionDraft.Any any => any.Parts.Any(Holds),
        ConditionDraft.Not not => !Holds(not.Part),
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, null),
    };

    // A province's code ends in four noughts, a city's in two.
    private static bool Lies(string place, string within) => place.StartsWith(within.EndsWith("0000", StringComparison.Ordinal) ? within[..2] : within.EndsWith("00", StringComparison.Ordinal) ? within[..4] : within, StringComparison.Ordinal);

    private BigInteger Known(Fact fact) => given.Numbers[fact];

    /// <summary>What the award applies to.</summary>
    public BigInteger Value(BaseDraft @base) => @base switch
    {
        BaseDraft.Of of => Known(of.Fact),
        BaseDraft.Lesser lesser => BigInteger.Min(Known(lesser.First), Known(lesser.Second)),
        BaseDraft.Growth growth => BigInteger.Max(0, Known(growth.Later) - Known(growth.Earlier)),
        _ => throw new ArgumentOutOfRangeException(nameof(@base), @base, null),
    };

    private BigInteger Value(Number number, AwardDraft award) => number.On(given.Day(award.GovernedBy)).Above;

    private Fraction Part(Number rate, AwardDraft award)
    {
        var today = rate.On(given.Day(award.GovernedBy));
        return new(today.Above, today.Below);
    }

    /// <summary>Null where the award has nothing to say of such a base, word or year, which no floor makes up for.</summary>
    private Fraction? Amount(AmountDraft amount, AwardDraft award, bool least)
    {
        var value = Value(award.Base);
        switch (amount)
        {
            case AmountDraft.RateOfBase rate: return rate.IsUpper && least ? (Fraction)0 : Part(rate.Of, award) * value;
            case AmountDraft.Fixed sum: return Value(sum.Sum, award);
            case AmountDraft.ByLevel levels: return levels.Levels.Where(l => l.Word == given.Words[levels.By]).Select(l => (Fraction?)Value(l.Sum, award)).FirstOrDefault();
            case AmountDraft.Brackets brackets:
                var (sumOfParts, above) = ((Fraction)0, BigInteger.Zero);
                foreach (var (upTo, rate) in brackets.Parts)
                {
                    var end = upTo is null ? value : BigInteger.Min(value, upTo.Above);
                    if (end > above) sumOfParts += Part(rate, award) * (end - above);
                    above = upTo?.Above ?? above;
                }

                return sumOfParts;
            case AmountDraft.Bands bands: return Band(bands.Parts, value, award);
            case AmountDraft.BasePlusRate plus:
                return Earns(plus.From, plus.Includes) ? Value(plus.Sum, award) + Part(plus.Rate, award) * (value - plus.From.Above) : null;
            case AmountDraft.Step step:
                return Earns(step.From, step.Includes) ? Value(step.Sum, award) + (value - step.From.Above) / step.Per.Above * Value(step.Add, award) : null;
            case AmountDraft.PerUnit unit: return (Fraction)value * Value(unit.Sum, award);
            case AmountDraft.Instalments years:
                return given.Numbers[Fact.SupportYear] >= 1 && given.Numbers[Fact.SupportYear] <= years.Years.Above ? Part(years.Rate, award) * value : null;
            case AmountDraft.Discretionary range: return (Fraction)(least ? range.From?.Above ?? 0 : range.To.Above);
            case AmountDraft.Cases cases: return cases.Parts.Where(p => p.When.All(Holds)).Select(p => Amount(p.Amount, award, least)).FirstOrDefault();
            default: throw new ArgumentOutOfRangeException(nameof(amount), amount, null);
        }

        bool Earns(Number from, bool includes) => value > from.Above || (includes && value == from.Above);
    }

    private Fraction? Band(IReadOnlyList<BandDraft> bands, BigInteger value, AwardDraft award)
    {
        if (bands.FirstOrDefault(b => b.Span.Contains(value)) is not { } band) return null;
        return band.Rate is { } rate ? Part(rate, award) * value : Value(band.Sum!, award);
    }

    private BigInteger Most(LimitDraft cap, AwardDraft award) => cap switch
    {
        LimitDraft.Cap sum => Value(sum.Sum, award),
        LimitDraft.CapBy by => Value(by.By),
        LimitDraft.CapByBand bands => Band(bands.Parts, Value(bands.By), award)?.Above ?? 0,
        _ => throw new ArgumentOutOfRangeException(nameof(cap), cap, null),
    };

    private bool IsDecided(AmountDraft amount) => amount switch
    {
        AmountDraft.RateOfBase rate => rate.IsUpper,
        AmountDraft.Discretionary => true,
        AmountDraft.Cases cases => cases.Parts.Where(p => p.When.All(Holds)).Take(1).Any(p => IsDecided(p.Amount)),
        _ => false,
    };

    private static IEnumerable<Number> NumbersOf(AwardDraft award) => NumbersOf(award.Amount).Concat(award.Limits.SelectMany(limit => limit switch
    {
        LimitDraft.Cap cap => [cap.Sum],
        LimitDraft.Floor floor => [floor.Sum],
        LimitDraft.MinimumToPay minimum => [minimum.Sum],
        LimitDraft.CapByBand bands => bands.Parts.Select(p => p.Sum!),
        _ => Array.Empty<Number>(),
    }));

    private static IEnumerable<Number> NumbersOf(AmountDraft amount) => amount switch
    {
        AmountDraft.RateOfBase rate => [rate.Of],
        AmountDraft.Fixed sum => [sum.Sum],
        AmountDraft.ByLevel levels => levels.Levels.Select(l => l.Sum),
        AmountDraft.Brackets brackets => brackets.Parts.Select(p => p.Rate),
        AmountDraft.Bands bands => bands.Parts.Select(p => p.Rate ?? p.Sum!),
        AmountDraft.BasePlusRate plus => [plus.Sum, plus.Rate],
        AmountDraft.Step step => [step.Sum, step.Add],
        AmountDraft.PerUnit unit => [unit.Sum],
        AmountDraft.Instalments years => [years.Rate],
        AmountDraft.Cases cases => cases.Parts.SelectMany(p => NumbersOf(p.Amount)),
        _ => [],
    };
}

/// <summary>An exact fraction of two whole numbers; the denominator is positive.</summary>
internal readonly record struct Fraction(BigInteger Above, BigInteger Below)
{
    /// <summary>The greatest whole number that is not greater.</summary>
    public BigInteger Floor => Above >= 0 ? Above / Below : -((-Above + Below - 1) / Below);

    public static implicit operator Fraction(BigInteger whole) => new(whole, 1);

    public static implicit operator Fraction(long whole) => new(whole, 1);

    public static Fraction operator +(Fraction a, Fraction b) => new(a.Above * b.Below + b.Above * a.Below, a.Below * b.Below);

    public static Fraction operator -(Fraction a, Fraction b) => new(a.Above * b.Below - b.Above * a.Below, a.Below * b.Below);

    public static Fraction operator *(Fraction a, Fraction b) => new(a.Above * b.Above, a.Below * b.Below);

    public static Fraction operator /(Fraction a, long b) => new(a.Above, a.Below * b);

    public static bool operator <(Fraction a, Fraction b) => a.Above * b.Below < b.Above * a.Below;

    public static bool operator >(Fraction a, Fraction b) => b < a;

    public static bool operator >=(Fraction a, Fraction b) => !(a < b);

    public static bool operator <=(Fraction a, Fraction b) => !(b < a);

    public static Fraction Min(Fraction a, Fraction b) => b < a ? b : a;

    public static Fraction Max(Fraction a, Fraction b) => a < b ? b : a;
}
