namespace Marketplace.Rules;

/// <summary>What a limit is counted over (计算口径). Every limit says so; there is no default.</summary>
public enum Scope
{
    /// <summary>One contract, or the one subject that the facts describe.</summary>
    Contract,

    /// <summary>All contracts of one project; contracts without one as <see cref="Counting.Unnamed"/> says.</summary>
    Project,

    /// <summary>All that one achievement ever brings.</summary>
    Achievement,

    /// <summary>All that the payee receives within a calendar year.</summary>
    PartyYear,

    /// <summary>All that the payee ever receives.</summary>
    PartyLifetime,

    /// <summary>All that the payee ever receives for one title.</summary>
    PartyTitle,

    /// <summary>All that one platform, workstation or incubator ever brings.</summary>
    Platform,

    /// <summary>All that is granted through one registration office within a calendar year.</summary>
    OfficeYear,

    /// <summary>All that the payee receives within any so many calendar years that follow each other, whatever came first.</summary>
    NYears,
}

/// <summary>How a contract without a project is counted by a limit per project.</summary>
public enum Unnamed
{
    /// <summary>With all contracts of the same two parties within twelve months, named or not, whatever came first.</summary>
    Parties,

    /// <summary>By itself.</summary>
    Contract,
}

/// <summary>A scope with the number of years that <see cref="Scope.NYears"/> counts.</summary>
/// <param name="Scope">What is counted over.</param>
/// <param name="Years">Number of calendar years; null for all other scopes.</param>
/// <param name="Unnamed">How contracts without a project are counted by <see cref="Scope.Project"/>; says nothing for all other scopes.</param>
public readonly record struct Counting(Scope Scope, Parameter? Years, Unnamed Unnamed = Unnamed.Parties)
{
    internal static Counting Single { get; } = new(Scope.Contract, null);

    /// <summary>The fact that tells what is counted together.</summary>
    internal Fact Identity(Award award) => Scope switch
    {
        Scope.Contract => Fact.Contract,
        Scope.Project => Fact.Project,
        Scope.Achievement => Fact.Achievement,
        Scope.Platform => Fact.Platform,
        Scope.OfficeYear => Fact.Office,
        _ => award.PayeeIdentity,
    };

    /// <summary>The facts that tell what is counted together.</summary>
    internal IEnumerable<Fact> Reads(Award award) => this switch
    {
        { Scope: Scope.Contract } => [Fact.Contract, Fact.Project],
        { Scope: Scope.Project } => [Fact.Project, Fact.Contract, Fact.Buyer, Fact.Seller],
        { Scope: Scope.PartyTitle } => [Identity(award), Fact.Title],
        _ => [Identity(award)],
    };

    /// <summary>Where a case lies on the line that windows are laid over: its year, or its day; null when unknown.</summary>
    internal long? Place(AwardRun run) => Scope == Scope.NYears ? run.Year : run.Day;

    /// <summary>The beginning of the window that ends there.</summary>
    internal long Start(long end)
    {
        if (Scope == Scope.NYears) return end - Years!.Numerator + 1;
        var day = DateOnly.FromDayNumber((int)end);
        return day.Year > 1 ? day.AddYears(-1).DayNumber : 0;
    }

    /// <summary>How many calendar years count; null for all.</summary>
    internal long? YearsBack => Scope switch
    {
        Scope.PartyYear or Scope.OfficeYear => 1,
        Scope.NYears => Years!.Numerator,
        _ => null,
    };

    /// <summary>The name in documents: <c>partyYear</c>.</summary>
    public string Wire => Names[(int)Scope];

    private static readonly string[] Names = [.. Enum.GetNames<Scope>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];
}

/// <summary>A bound on the sum of an award. Limits apply in the document's order, before rounding.</summary>
public abstract record Limit
{
    private protected Limit(Counting over, Basis basis) => (Over, Basis) = (over, basis);

    /// <summary>What it is counted over: the award's earlier grants in the same scope count with it.</summary>
    public Counting Over { get; }

    /// <summary>Where it comes from.</summary>
    public Basis Basis { get; }

    /// <summary>The facts that it can read.</summary>
    internal virtual IEnumerable<Fact> Reads(Award award) => Over.Reads(award);

    /// <summary>The sum within the limit.</summary>
    internal abstract Range Apply(AwardRun run, Range sum);
}

/// <summary>The award with its earlier grants in the scope does not exceed a sum: a number, another quantity, or what the band of another quantity says.</summary>
public abstract record AnyCap : Limit
{
    private protected AnyCap(Counting over, Basis basis)
        : base(over, basis) { }

    /// <summary>The cap, in fen; while a fact is missing, between 0 and the most it can be.</summary>
    private protected abstract Interval Most(AwardRun run);

    /// <summary>The step that holds the cap.</summary>
    private protected virtual int Step(Trace trace) => trace.Last;

    internal sealed override Range Apply(AwardRun run, Range sum)
    {
        var most = Most(run);
        var cap = run.Trace is { } trace ? Step(trace) : 0;
        var used = run.Used(Over, Basis);
        return run.Within(this, sum, most, used, cap);
    }
}

/// <summary><c>cap: 10万元</c>: at most this sum (最高不超过).</summary>
public sealed record Cap : AnyCap
{
    internal Cap(Parameter amount, Counting over, string? interpretation)
        : base(over, new(amount.Clause, amount.Interpretation ?? interpretation)) => Amount = amount;

    /// <summary>Greatest sum, inclusive.</summary>
    public Parameter Amount { get; }

    private protected override Interval Most(AwardRun run)
    {
        run.Trace?.Parameter(Amount);
        return new(Amount.Numerator, Amount.Numerator);
    }
}

/// <summary><c>cap: taxPaid</c>: at most another quantity (不超过实缴增值税、当年新增销售收入).</summary>
public sealed record CapByBase : AnyCap
{
    internal CapByBase(Base by, Counting over, Basis basis)
        : base(over, basis) => By = by;

    /// <summary>The quantity.</summary>
    public Base By { get; }

    internal override IEnumerable<Fact> Reads(Award award) => [.. base.Reads(award), .. By.Reads()];

    private protected override Interval Most(AwardRun run) => By.Read(run);

    // The quantity may have been read before, and is then no new step.
    private protected override int Step(Trace trace) => trace.Base;
}

/// <summary>
/// <c>cap: { by: yearlyAmount, bands: [ { from: 500万元, below: 5000万元, fixed: 10万元 }, … ] }</c>: the band of another quantity chooses the cap and
/// nothing else. A quantity in no band leaves nothing.
/// </summary>
public sealed record CapByBand : AnyCap
{
    internal CapByBand(Bands bands, Counting over)
        : base(over, bands.Basis) => Bands = bands;

    /// <summary>The bands; each has a sum.</summary>
    public Bands Bands { get; }

    internal override IEnumerable<Fact> Reads(Award award) => [.. base.Reads(award), .. Bands.Reads()];

    private protected override Interval Most(AwardRun run)
    {
        var value = Bands.Base.Read(run);
        if (value.IsPoint)
        {
            var band = Bands.Find(value.Low);
            var sum = band?.Sum;
            run.Trace?.Chosen(band?.Span, sum, Basis);
            return new(sum?.Numerator ?? 0, sum?.Numerator ?? 0);
        }

        return new(0, Bands.Parts.Max(p => p.Sum!.Numerator));
    }
}

/// <summary><c>floor: 1万元</c>: at least this sum (保底).</summary>
public sealed record Floor : Limit
{
    internal Floor(Parameter amount, Counting over)
        : base(over, amount.Basis) => Amount = amount;

    /// <summary>Least sum, inclusive.</summary>
    public Parameter Amount { get; }

    internal override Range Apply(AwardRun run, Range sum)
    {
        var step = run.Trace?.Parameter(Amount) ?? 0;
        return run.AtLeast(this, sum, run.Used(Over, Basis), step);
    }
}

/// <summary><c>minimumToPay: 1万元</c>: what comes to less is not paid at all (起补额).</summary>
public sealed record MinimumToPay : Limit
{
    internal MinimumToPay(Parameter amount, Counting over)
        : base(over, amount.Basis) => Amount = amount;

    /// <summary>Least sum that is paid, inclusive.</summary>
    public Parameter Amount { get; }

    internal override Range Apply(AwardRun run, Range sum)
    {
        var step = run.Trace?.Parameter(Amount) ?? 0;
        return run.IfEnough(this, sum, run.Used(Over, Basis), step);
    }
}

/// <summary>How parts of a unit are treated.</summary>
public enum RoundingMode
{
    /// <summary>舍去: cutting a contract in two never pays more, so this is the rule where a text is silent.</summary>
    Down,

    /// <summary>四舍五入.</summary>
    HalfUp,

    /// <summary>进位.</summary>
    Up,
}

/// <summary>The one rounding of an award, after the limits. It never lifts a sum above a cap: where it would, it rounds down.</summary>
/// <param name="Unit">What it rounds to: 分, 元, 百元, 千元 or 万元.</param>
/// <param name="Mode">How.</param>
/// <param name="Basis">Where it comes from; neither clause nor interpretation where the document is silent, which means down to the fen.</param>
public sealed record Rounding(Fen Unit, RoundingMode Mode, Basis Basis)
{
    /// <summary>The sum in fen.</summary>
    /// <param name="numerator">Exact sum, 0 or more.</param>
    /// <param name="denominator">Its denominator.</param>
    /// <param name="most">What it must not exceed, in fen.</param>
    /// <exception cref="OverflowException">Beyond about 92 million billion yuan.</exception>
    internal long Round(Int128 numerator, long denominator, long most)
    {
        var unit = Unit.Value;
        var whole = denominator * unit;
        if (whole == 1) return checked((long)numerator);
        // Almost every sum fits a machine word, whose division is several times faster.
        var (units, rest) = numerator <= long.MaxValue ? Math.DivRem((long)numerator, whole) : Large(numerator, whole);
        if (Mode == RoundingMode.Down || rest == 0) return units * unit;
        var lifts = Mode == RoundingMode.Up || rest >= whole - rest;
        return lifts && (units + 1) * unit <= most ? (units + 1) * unit : units * unit;
    }

    /// <summary>Whether the mode would round up and the cap leaves no room for it.</summary>
    internal bool IsHeldBack(Int128 numerator, long denominator, long most) =>
        Mode != RoundingMode.Down && Round(numerator, denominator, most) < Round(numerator, denominator, long.MaxValue);

    private static (long, long) Large(Int128 numerator, long whole)
    {
        var (units, rest) = Int128.DivRem(numerator, whole);
        return (checked((long)units), (long)rest);
    }
}
