using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

/// <summary>A policy made up for the laws, both as the tests think of it and as the library loaded it.</summary>
internal sealed record LoadedDraft(Draft Draft, Policy Policy);

/// <summary>
/// Facts and earlier grants under one of <see cref="Arbitrary.Policies"/>; every fact that such a policy can read is known, but for project
/// and contract, which never need be.
/// </summary>
internal sealed record PolicyCase(
    int Seed, int Index, IReadOnlyDictionary<Fact, long> Numbers, IReadOnlyDictionary<Fact, string> Words, IReadOnlyList<Finding> Findings, IReadOnlyList<Grant> History)
{
    public Draft Draft => Arbitrary.Policies[Index].Draft;

    public Policy Policy => Arbitrary.Policies[Index].Policy;

    public Facts Facts => Words.Aggregate(Numbers.Aggregate(new Facts { Findings = Findings }, (facts, n) => facts.With(n.Key, n.Value)), (facts, w) => facts.With(w.Key, w.Value));

    public Subject Subject => (Subject)Numbers[Fact.Subject];

    public DateOnly Day(Fact fact) => DateOnly.FromDayNumber((int)Numbers[fact]);

    public PolicyCase With(Fact fact, long value) => this with { Numbers = new Dictionary<Fact, long>(Numbers) { [fact] = value } };

    public PolicyCase With(Fact fact, string value) => this with { Words = new Dictionary<Fact, string>(Words) { [fact] = value } };

    /// <summary>Printed when a law fails: all that is needed to look at it by hand.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"case {Seed}\n{Draft.Yaml}\n{string.Join(", ", Numbers.Select(n => $"{n.Key}={n.Value}"))}\n{string.Join(", ", Words.Select(w => $"{w.Key}={w.Value}"))}\n{string.Join(", ", Findings)}\n{string.Join('\n', History)}");
}

/// <summary>Whole policies of every shape, and cases that favour the places where their answers change.</summary>
internal static partial class Arbitrary
{
    private const int PolicyCount = 300;

    // Any run tries the same cases; a failure prints the seed of its own.
    private const ulong Seed = 20_200_819;

    private static readonly Lazy<LoadedDraft[]> AllPolicies = new(() =>
        [.. Enumerable.Range(0, PolicyCount).Select(seed => new Roll(seed).Policy()).Select(draft => new LoadedDraft(draft, draft.Load()))]);

    /// <summary>Loaded once; every shape is among them many times.</summary>
    public static IReadOnlyList<LoadedDraft> Policies => AllPolicies.Value;

    /// <summary>Tries a law on ten thousand cases under these policies.</summary>
    public static void Always(Func<PolicyCase, bool> law) => Always(Gen.Choose(0, int.MaxValue - 1).Select(PolicyCase), law);

    /// <summary>Tries a law on ten thousand values; the same ones in every run.</summary>
    public static void Always<T>(Gen<T> values, Func<T, bool> law) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(10_000).WithReplay(Seed, 1).WithQuietOnSuccess(true), Prop.ForAll(values.ToArbitrary(), law));

    /// <summary>The case of that seed, always the same.</summary>
    public static PolicyCase PolicyCase(int seed) => new Roll(seed).Case(seed);

    /// <summary>Rolls of the dice; the same seed gives the same ones on every machine.</summary>
    private sealed class Roll(int seed)
    {
        private static readonly Fact[] Sums =
            [Fact.Amount, Fact.TechnologyAmount, Fact.Paid, Fact.Received, Fact.YearlyAmount, Fact.LastYearAmount, Fact.TaxPaid, Fact.AcquiredFor, Fact.PaidElsewhere];

        private static readonly Fact[] Flags = [Fact.Recognised, Fact.RelatedParties, Fact.Auctioned];
        private static readonly Fact[] Days = [Fact.RecognisedOn, Fact.PaidOn, Fact.SignedOn, Fact.ListedOn];
        private static readonly Fact[] Identities = [Fact.Achievement, Fact.Buyer, Fact.Seller, Fact.Broker, Fact.Applicant, Fact.Office, Fact.Platform];
        private static readonly string[] Regions = ["330200", "330203", "330000", "310000"];
        private static readonly string[] Titles = ["甲", "乙", "丙", "丁"];
        private static readonly string[] FindingNames = ["effect", "team"];

        private readonly Random _dice = new(seed);
        private DateOnly _from;

        public Draft Policy()
        {
            _from = new DateOnly(2022, 1, 1).AddDays(_dice.Next(300));
            AwardDraft[] awards = [.. Enumerable.Range(0, _dice.Next(1, 5)).Select(i => Award($"a{i}"))];
            // The facts hold one choice of the parties, so there is one rule that asks for it.
            StackingDraft[] stacking = awards.Length < 2 ? [] : [.. Enumerable.Range(0, _dice.Next(3)).Select(_ => Stacking(awards)).DistinctBy(s => s is StackingDraft.ChosenByParties ? s.GetType() : (object)s)];
            DateOnly? to = OneIn(3) ? null : _from.AddDays(_dice.Next(300, 1_500));
            return new Draft(awards, stacking, _from, to, Of<int[]>([], [1, 1], [1, 2], [2, 3, 5], [1, 1, 1]), OneIn(3));
        }

        public PolicyCase Case(int seed)
        {
            var index = _dice.Next(PolicyCount);
            var draft = Policies[index].Draft;
            var numbers = new Dictionary<Fact, long>();
            foreach (var fact in Sums) numbers[fact] = SumNear(index);
            numbers[Fact.Count] = _dice.Next(12);
            numbers[Fact.SupportYear] = _dice.Next(5);
            foreach (var fact in Flags) numbers[fact] = _dice.Next(2);
            foreach (var fact in Days) numbers[fact] = DayNear(draft);
            foreach (var fact in new[] { Fact.BuyerRegion, Fact.SellerRegion }) numbers[fact] = int.Parse(Of(Regions), CultureInfo.InvariantCulture);
            numbers[Fact.BuyerKind] = _dice.Next(3);
            numbers[Fact.Kind] = _dice.Next(5);
            numbers[Fact.Subject] = (long)Of(draft.Awards.ToArray()).Subject;
            var chosen = draft.Stacking.OfType<StackingDraft.ChosenByParties>().FirstOrDefault()?.Awards ?? [draft.Awards[0].Id];
            var words = new Dictionary<Fact, string> { [Fact.Title] = Of(Titles), [Fact.Grade] = Of(Titles), [Fact.ChosenAward] = Of(chosen.ToArray()) };
            foreach (var fact in Identities) words[fact] = Identity(fact);
            if (!OneIn(5)) words[Fact.Project] = Identity(Fact.Project);
            if (!OneIn(5)) words[Fact.Contract] = Identity(Fact.Contract);
            Finding[] findings = [.. FindingNames.Select(name => new Finding(name, OneIn(2)))];
            Grant[] history = [.. Enumerable.Range(0, Math.Max(0, _dice.Next(-3, 5))).Select(_ => Grant(draft, index))];
            return new PolicyCase(seed, index, numbers, words, findings, history);
        }

        private Grant Grant(Draft draft, int index) => new(Of(draft.Awards.ToArray()).Id, new Fen(OneIn(4) ? SumNear(index) : _dice.Next(10_000_000)))
        {
            Project = OneIn(3) ? null : Identity(Fact.Project),
            Contract = OneIn(3) ? null : Identity(Fact.Contract),
            Achievement = OneIn(3) ? null : Identity(Fact.Achievement),
            Party = OneIn(3) ? null : Identity(Of(Fact.Buyer, Fact.Seller, Fact.Broker, Fact.Applicant, Fact.Office)),
            Buyer = OneIn(3) ? null : Identity(Fact.Buyer),
            Seller = OneIn(3) ? null : Identity(Fact.Seller),
            Title = OneIn(3) ? null : Of(Titles),
            Platform = OneIn(3) ? null : Identity(Fact.Platform),
            Office = OneIn(3) ? null : Identity(Fact.Office),
            On = OneIn(6) ? null : DateOnly.FromDayNumber((int)DayNear(draft)),
        };

        // Now and then a party has two parts in a deal.
        private string Identity(Fact fact) => OneIn(8) ? "Both" : $"{fact}{_dice.Next(2)}";

        private AwardDraft Award(string id)
        {
            var subject = OneIn(6) ? Subject.Office : Subject.Contract;
            var payee = subject == Subject.Office ? Of(Payee.Office, Payee.Applicant) : Of(Payee.Buyer, Payee.Seller, Payee.Broker);
            ConditionDraft[] when = [.. Enumerable.Range(0, Math.Max(0, _dice.Next(-1, 4))).Select(_ => Condition(2))];
            var counts = OneIn(10);
            var amount = counts ? new AmountDraft.PerUnit(Dated(Sum)) : Amount(deep: true);
            // A floor after a cap is refused.
            LimitDraft[] limits = [.. Enumerable.Range(0, _dice.Next(4)).Select(_ => Limit()).OrderBy(limit => limit is not LimitDraft.Floor)];
            return new AwardDraft(id, subject, payee, OneIn(4) ? Fact.PaidOn : Fact.RecognisedOn, when, counts ? new BaseDraft.Of(Fact.Count) : Base(), amount,
                limits, OneIn(2) ? 1 : Of(100, 10_000, 100_000, 1_000_000), OneIn(2) ? RoundingMode.Down : Of(RoundingMode.HalfUp, RoundingMode.Up))
            {
                LessPaid = OneIn(4) ? Of(Scope.Contract, Scope.PartyYear, Scope.OfficeYear, Scope.PartyTitle, Scope.Platform) : null,
            };
        }

        private AmountDraft Amount(bool deep)
        {
            switch (_dice.Next(deep ? 12 : 10))
            {
                case 0: return new AmountDraft.Fixed(Dated(Sum));
                case 1: return new AmountDraft.ByLevel(Of(Fact.Title, Fact.Grade), [.. Titles.Take(_dice.Next(1, 4)).Select(word => (word, Dated(Sum)))]);
                case 2:
                    // The last bracket is open.
                    Number?[] ends = Rising(_dice.Next(1, 4));
                    ends = OneIn(4) ? [.. ends[..^1], null] : [.. ends, null];
                    return new AmountDraft.Brackets([.. ends.Select(end => (end, Dated(Rate)))]);
                case 3: return new AmountDraft.Bands(Bands(ratesToo: true));
                case 4: return new AmountDraft.BasePlusRate(Sum(), OneIn(2), Dated(Sum), Dated(Rate));
                case 5: return new AmountDraft.Step(Sum(), OneIn(2), Dated(Sum), Number.Sum(1_000_000L * _dice.Next(1, 10_000)), Dated(Sum));
                case 6: return new AmountDraft.Instalments(Dated(Rate), Number.Count(_dice.Next(1, 4)));
                case 7:
                    var range = Rising(2);
                    return new AmountDraft.Discretionary(OneIn(3) ? null : range[0], range[1]);
                case 10 or 11:
                    var cases = Enumerable.Range(0, _dice.Next(1, 4)).Select(_ => ((IReadOnlyList<ConditionDraft>)[Condition(1)], Amount(deep: false))).ToList();
                    if (OneIn(2)) cases.Add(([], Amount(deep: false)));
                    return new AmountDraft.Cases(cases);
                default: return new AmountDraft.RateOfBase(Dated(Rate), OneIn(6));
            }
        }

        private BandDraft[] Bands(bool ratesToo)
        {
            var ends = Rising(_dice.Next(2, 5));
            var bands = new List<BandDraft>();
            var includes = OneIn(2);
            for (var i = 0; i < ends.Length; i++)
            {
                var isLast = i == ends.Length - 1;
                var closes = OneIn(2);
                var span = new SpanDraft(ends[i], includes, isLast ? null : ends[i + 1], closes);
                // Most bands meet their neighbour; some leave the bound itself, or more, to nobody.
                includes = !closes && !OneIn(6);
                if (bands.Count > 0 && OneIn(8)) continue;
                bands.Add(ratesToo && OneIn(2) ? new BandDraft(span, Dated(Rate), null) : new BandDraft(span, null, Dated(Sum)));
            }

            return [.. bands];
        }

        private LimitDraft Limit() => _dice.Next(8) switch
        {
            0 => new LimitDraft.CapBy(Base(), Over()),
            1 => new LimitDraft.CapByBand(Base(), Bands(ratesToo: false), Over()),
            2 => new LimitDraft.Floor(Dated(Sum), Over()),
            3 => new LimitDraft.MinimumToPay(Dated(Sum), Over()),
            _ => new LimitDraft.Cap(Dated(Sum), Over()),
        };

        private Over Over()
        {
            var scope = Of(Enum.GetValues<Scope>());
            return new(scope, scope == Scope.NYears ? Number.Count(_dice.Next(1, 4)) : null, scope == Scope.Project && OneIn(3) ? Unnamed.Contract : Unnamed.Parties);
        }

        private StackingDraft Stacking(AwardDraft[] awards)
        {
            string[] ids = [.. awards.Select(a => a.Id)];
            _dice.Shuffle(ids);
            ids = ids[.._dice.Next(2, ids.Length + 1)];
            return _dice.Next(7) switch
            {
                0 => new StackingDraft.Exclusive(ids),
                5 => new StackingDraft.Exclusive(ids, Scope.PartyYear),
                6 => new StackingDraft.InPlace(ids),
                1 => new StackingDraft.HigherOf(ids),
                // Whether there is anything to choose between would hang on what a person decides.
                2 when !awards.Any(a => ids.Contains(a.Id) && a.Amount.CanBeDecided) => new StackingDraft.ChosenByParties(ids),
                2 => new StackingDraft.Exclusive(ids),
                3 => new StackingDraft.Deduct(Fact.PaidElsewhere, ids),
                _ => new StackingDraft.CombinedCap(Dated(Sum, none: false), Over(), ids),
            };
        }

        private ConditionDraft Condition(int depth)
        {
            switch (_dice.Next(depth > 0 ? 14 : 10))
            {
                case 0: return new ConditionDraft.Kind([.. Enum.GetValues<ContractKind>().Where(_ => !OneIn(3)).DefaultIfEmpty(ContractKind.Transfer)]);
                case 1: return new ConditionDraft.Entity(Fact.BuyerKind, Of<EntityKind[]>([EntityKind.Enterprise, EntityKind.University], [EntityKind.Institute]));
                case 2: return new ConditionDraft.Region(Of(Fact.BuyerRegion, Fact.SellerRegion), Of(Regions));
                case 3:
                    var first = _from.AddDays(_dice.Next(-100, 400));
                    return OneIn(3) ? new ConditionDraft.Day(Of(Days), first, null) : new ConditionDraft.Day(Of(Days), OneIn(2) ? first : null, first.AddDays(_dice.Next(900)));
                case 4: return new ConditionDraft.Word(Of(Fact.Title, Fact.Grade), Titles[.._dice.Next(1, 4)]);
                case 5: return new ConditionDraft.Order(OneIn(2) ? [Fact.ListedOn, Fact.SignedOn] : [Fact.ListedOn, Fact.SignedOn, Fact.RecognisedOn]);
                case 6: return new ConditionDraft.Assessed(Of(FindingNames));
                case 7:
                    var ends = Rising(2);
                    return new ConditionDraft.Within(Of(Sums), OneIn(2) ? new(ends[0], OneIn(2), null, false) : new(ends[0], OneIn(2), ends[1], OneIn(2)));
                case 8: return new ConditionDraft.Within(Of(Fact.Count, Fact.SupportYear), new(Number.Count(_dice.Next(1, 4)), OneIn(2), OneIn(2) ? null : Number.Count(_dice.Next(6, 10)), OneIn(2)));
                case 10: return new ConditionDraft.All([Condition(depth - 1), Condition(depth - 1)]);
                case 11 or 12: return new ConditionDraft.Any([Condition(depth - 1), Condition(depth - 1), Condition(0)]);
                case 13: return new ConditionDraft.Not(Condition(depth - 1));
                default: return new ConditionDraft.Flag(Of(Flags), OneIn(2));
            }
        }

        private BaseDraft Base() => _dice.Next(5) switch
        {
            0 => new BaseDraft.Lesser(Of(Fact.Received, Fact.Paid), Of(Fact.TechnologyAmount, Fact.Amount)),
            1 => new BaseDraft.Growth(Fact.YearlyAmount, Of(Fact.LastYearAmount, Fact.AcquiredFor)),
            _ => new BaseDraft.Of(Of(Sums)),
        };

        /// <summary>A number that may change, or end, on some day.</summary>
        private Number Dated(Func<Number> number) => Dated(number, none: true);

        private Number Dated(Func<Number> number, bool none) =>
            OneIn(10) ? number() with { Change = (_from.AddDays(_dice.Next(1, 700)), none && OneIn(5) ? Number.None : number()) } : number();

        /// <summary>Sums with a few bounds in between, each greater than the one before it by more than two fen.</summary>
        private Number[] Rising(int count)
        {
            var sums = new Number[count];
            var fen = 0L;
            for (var i = 0; i < count; i++) sums[i] = Number.Sum(fen += 3 + Fen());
            return sums;
        }

        private Number Sum() => Number.Sum(1 + Fen());

        private Number Rate() => _dice.Next(5) switch
        {
            0 => PerThousand(_dice.Next(1, 100)),
            1 => Fraction(_dice.Next(1, 4), Of(3, 6, 7, 8, 9)),
            2 => Decimal(_dice.Next(1, 100_000)),
            _ => Decimal(1_000 * _dice.Next(1, 101)),
        };

        private static Number PerThousand(int above) => new($"{above}‰", above, 1_000);

        private static Number Fraction(int above, int below) => new($"{above}/{below}", above, below);

        private static Number Decimal(int thousandths) =>
            new(string.Create(CultureInfo.InvariantCulture, $"{thousandths / 1_000}.{thousandths % 1_000:000}%"), thousandths, 100_000);

        /// <summary>From a fen to a milliard yuan, round sums among them.</summary>
        private long Fen() => OneIn(2) ? _dice.NextInt64((long)BigInteger.Pow(10, _dice.Next(2, 12))) : 1_000_000L * _dice.Next(1, 1 << _dice.Next(2, 15));

        private long SumNear(int index)
        {
            var bounds = Bounds[index];
            return bounds.Length == 0 || OneIn(2) ? Fen() : Math.Max(0, Of(bounds) + _dice.Next(-2, 3));
        }

        private long DayNear(Draft draft) => _dice.Next(4) switch
        {
            0 => draft.From.DayNumber + _dice.Next(-2, 3),
            1 when draft.To is { } to => to.DayNumber + _dice.Next(-2, 3),
            _ => draft.From.DayNumber + _dice.Next(900),
        };

        private bool OneIn(int n) => _dice.Next(n) == 0;

        private T Of<T>(params T[] values) => values[_dice.Next(values.Length)];
    }

    /// <summary>The sums that each policy names: where answers change.</summary>
    private static readonly Lazy<long[][]> AllBounds = new(() =>
        [.. Policies.Select(p => p.Policy.Parameters.Where(n => n.Unit == ParameterUnit.Fen).Select(n => n.Numerator).Distinct().ToArray())]);

    private static long[][] Bounds => AllBounds.Value;
}
