using System.Globalization;

namespace Marketplace.Rules;

/// <summary>
/// Writes the steps of one award down as they are taken: small records in a buffer that is used again, so that tracing allocates nothing;
/// <see cref="Steps"/> makes the steps that readers see.
/// </summary>
internal sealed class Trace
{
    private static readonly string[] Grants = [.. Enumerable.Range(0, 64).Select(HistoryName)];

    private string _award = "";
    private Record[] _steps = new Record[32];
    private int[] _inputs = new int[64];
    private int _count;
    private int _inputCount;
    private readonly int[] _facts = new int[FactNames.All.Count];
    private FactSet _written;
    private int _base;
    private int _sum;
    private readonly List<int> _summands = [];
    private readonly List<int> _earlier = [];

    /// <summary>Id of the last step; 0 before the first.</summary>
    public int Last => _count;

    /// <summary>Id of the step that holds what was read last as a base; it need not be the last step.</summary>
    public int Base => _base;

    /// <summary>Begins anew, for an award.</summary>
    public void Begin(string award)
    {
        _award = award;
        (_count, _inputCount, _base, _sum, _written) = (0, 0, 0, 0, default);
        _summands.Clear();
        _earlier.Clear();
    }

    public IReadOnlyList<TraceStep> Steps()
    {
        var steps = new TraceStep[_count];
        for (var i = 0; i < _count; i++)
        {
            ref readonly var step = ref _steps[i];
            steps[i] = new(i + 1, step.Kind, step.Name, _inputs[step.FirstInput..(step.FirstInput + step.Inputs)], step.Value,
                step.Basis.Clause, step.Basis.Interpretation, step.IsBinding) { About = step.About };
        }

        return steps;
    }

    /// <summary>A fact as the base of what follows; written once, however often it is read.</summary>
    public void Given(Fact fact, long value) => _base = Fact(fact, Quantity.Of(fact, value));

    public void Given(Fact fact, string word) => _base = Fact(fact, Quantity.Of(word));

    public void Test(Fact fact, Quantity given, Truth truth, Wording statement, Basis basis)
    {
        var input = Fact(fact, given);
        Add(StepKind.Test, fact.Wire(), [input], Of(truth), basis, truth == Truth.No, about: statement);
    }

    public void Test(IReadOnlyList<Fact> facts, Truth truth, Wording statement, Basis basis, AwardRun run)
    {
        var inputs = new int[facts.Count];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = Fact(facts[i], run.Shown(facts[i]));
        Add(StepKind.Test, "order", inputs, Of(truth), basis, truth == Truth.No, about: statement);
    }

    public void Composite(string name, Truth truth, Wording statement, Basis basis, params ReadOnlySpan<int> parts) =>
        Add(StepKind.Test, name, parts, Of(truth), basis, truth == Truth.No, about: statement);

    public int Parameter(Parameter parameter) => Add(StepKind.Parameter, parameter.Path, [], Quantity.Of(parameter), parameter.Basis);

    public void Lesser(IReadOnlyList<Fact> facts, long least, Basis basis, AwardRun run)
    {
        var inputs = new List<int>(facts.Count);
        foreach (var fact in facts)
            if (run.TryNumber(fact, out var value))
                inputs.Add(Fact(fact, Quantity.Of(fact, value)));
        _base = Add(StepKind.Least, "base", [.. inputs], Quantity.Of(facts[0], least), basis);
    }

    public void Growth(Growth growth, long later, long earlier)
    {
        var first = Fact(growth.Fact, Quantity.Of(growth.Fact, later));
        var second = Fact(growth.Since, Quantity.Of(growth.Since, earlier));
        _base = Add(StepKind.Excess, "base", [first, second], Quantity.Of(growth.Fact, Math.Max(0, later - earlier)), growth.Basis);
    }

    public void Product(Parameter factor, Int128 product, long denominator, Basis basis)
    {
        var @base = _base;
        var by = Parameter(factor);
        _sum = Add(StepKind.Amount, _award, [@base, by], Sum(product, denominator), basis);
    }

    /// <summary>The part of the base above one bound and up to another, times a rate.</summary>
    public void Part(int of, Parameter? above, Parameter? upTo, long part, Parameter rate, Int128 product, long denominator, Basis basis)
    {
        var step = of;
        var from = above?.Numerator ?? 0;
        if (upTo is not null) step = Add(StepKind.Least, "part", [step, Parameter(upTo)], Quantity.Of(new Fen(part + from)), upTo.Basis);
        if (above is not null) step = Add(StepKind.Excess, "part", [step, Parameter(above)], Quantity.Of(new Fen(part)), above.Basis);
        _summands.Add(Add(StepKind.Amount, "part", [step, Parameter(rate)], Sum(product, denominator), basis));
    }

    public void Units(int of, Parameter above, long excess, Parameter per, long units, Parameter add, Int128 product)
    {
        var over = Add(StepKind.Excess, "part", [of, Parameter(above)], Quantity.Of(new Fen(excess)), above.Basis);
        var count = Add(StepKind.Units, "units", [over, Parameter(per)], new(Unit.Count, units, 1, null), per.Basis);
        _summands.Add(Add(StepKind.Amount, "part", [count, Parameter(add)], Sum(product, 1), add.Basis));
    }

    public void Plus(Parameter summand) => _summands.Add(Parameter(summand));

    public void Total(Int128 sum, long denominator, Basis basis)
    {
        _sum = _summands.Count == 1 ? _summands[0]
            : Add(StepKind.Sum, _award, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_summands), Sum(sum, denominator), basis);
        _summands.Clear();
    }

    public void Fixed(Parameter sum) => _sum = Parameter(sum);

    /// <summary>The bounds of the band that was chosen.</summary>
    public void Band(Span span)
    {
        if (span.Lower is { } lower) Parameter(lower);
        if (span.Upper is { } upper) Parameter(upper);
    }

    /// <summary>The sum that a band of another quantity brings; nothing outside the bands.</summary>
    public void Chosen(Span? span, Parameter? sum, Basis basis)
    {
        if (span is { } band) Band(band);
        if (sum is not null) Parameter(sum);
        else Add(StepKind.Sum, "cap", [], Quantity.Of(Fen.Zero), basis);
    }

    public void Earlier(int index, Fen amount, Basis basis) =>
        _earlier.Add(Add(StepKind.History, index < Grants.Length ? Grants[index] : HistoryName(index), [], Quantity.Of(amount), basis));

    /// <summary>What an award that takes precedence draws from a combined cap.</summary>
    public void Drawn(Award award, long amount, Basis basis) =>
        _earlier.Add(Add(StepKind.History, award.Id, [], Quantity.Of(new Fen(amount)), basis, about: award.Label));

    /// <summary>What was granted before is taken off the sum.</summary>
    public void LessEarlier(Quantity rest, Basis basis)
    {
        var off = _earlier.Count == 1 ? _earlier[0]
            : Add(StepKind.Sum, "history", System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_earlier), Earlier(), basis);
        _earlier.Clear();
        _sum = Add(StepKind.Excess, "paidBefore", [_sum, off], rest, basis, true);
    }

    /// <summary>The earlier grants that were written down bear on nothing.</summary>
    public void ForgetEarlier() => _earlier.Clear();

    private Quantity Earlier() => Quantity.Of(new Fen(_earlier.Sum(step => (long)_steps[step - 1].Value.Numerator)));

    public void Limited(StepKind kind, string name, int limit, Quantity value, bool binding, Basis basis)
    {
        _sum = Add(kind, name, [_sum, limit], value, basis, binding, _earlier);
        _earlier.Clear();
    }

    public void Enough(int minimum, bool enough, Basis basis)
    {
        Add(StepKind.Test, "minimumToPay", [_sum, minimum], Quantity.Of(enough), basis, !enough, _earlier, new("计算结果达到起补额", "the sum is enough to be paid"));
        _earlier.Clear();
    }

    public void Rounded(long amount, Rounding rounding, bool heldBack)
    {
        var unit = rounding.Unit.Value switch
        {
            1 => "fen", 100 => "yuan", 10_000 => "hundredYuan", 100_000 => "thousandYuan", 1_000_000 => "tenThousandYuan",
            _ => throw new InvalidOperationException($"{rounding.Unit} is no unit of rounding."),
        };
        var name = rounding.Mode switch { RoundingMode.HalfUp => unit + ".halfUp", RoundingMode.Up => unit + ".up", _ => unit };
        _sum = Add(StepKind.Round, name, [_sum], Quantity.Of(new Fen(amount)), rounding.Basis, heldBack);
    }

    public void Replaced(string by, Wording label, Basis basis) => _sum = Add(StepKind.Stack, by, [_sum], Quantity.Of(Fen.Zero), basis, true, about: label);

    /// <param name="fact">What was paid elsewhere.</param>
    /// <param name="sum">How much.</param>
    /// <param name="left">How much of it no award before this one has taken up.</param>
    /// <param name="rest">What remains of this award.</param>
    /// <param name="basis">Where the rule comes from.</param>
    public void Deducted(Fact fact, long sum, long left, long rest, Basis basis)
    {
        var off = Fact(fact, Quantity.Of(fact, sum));
        if (left < sum)
            off = Add(StepKind.Excess, "deduct", [off, Add(StepKind.History, "deducted", [], Quantity.Of(new Fen(sum - left)), basis)], Quantity.Of(new Fen(left)), basis);
        _sum = Add(StepKind.Excess, "deduct", [_sum, off], Quantity.Of(new Fen(rest)), basis, true);
    }

    public void Shared(IReadOnlyList<Share> shares, Sharing sharing)
    {
        foreach (var share in shares) Add(StepKind.Share, share.Payer, [_sum], Quantity.Of(share.Amount), new(sharing.Clause, null));
    }

    private static Quantity Of(Truth truth) => truth == Truth.Unknown ? default : Quantity.Of(truth == Truth.Yes);

    private static Quantity Sum(Int128 numerator, long denominator) => new(Unit.Fen, numerator, denominator, null);

    private static string HistoryName(int index) => string.Create(CultureInfo.InvariantCulture, $"history.{index}");

    private int Fact(Fact fact, in Quantity value)
    {
        // Each finding has a name of its own; any other fact is one step however often it is read.
        if (_written.Has(fact) && fact != Rules.Fact.Findings) return _facts[(int)fact];
        _written = _written.With(fact);
        return _facts[(int)fact] = Add(StepKind.Fact, fact.Wire(), [], value, default);
    }

    private int Add(
        StepKind kind, string name, ReadOnlySpan<int> inputs, in Quantity value, Basis basis, bool binding = false, List<int>? more = null, Wording about = default)
    {
        var count = inputs.Length + (more?.Count ?? 0);
        if (_count == _steps.Length) Array.Resize(ref _steps, _count * 2);
        while (_inputCount + count > _inputs.Length) Array.Resize(ref _inputs, _inputs.Length * 2);
        inputs.CopyTo(_inputs.AsSpan(_inputCount));
        more?.CopyTo(_inputs, _inputCount + inputs.Length);
        _steps[_count++] = new(kind, name, _inputCount, count, value, basis, binding, about);
        _inputCount += count;
        return _count;
    }

    private readonly record struct Record(StepKind Kind, string Name, int FirstInput, int Inputs, Quantity Value, Basis Basis, bool IsBinding, Wording About);
}
