using System.Globalization;

namespace Marketplace.Rules;

/// <summary>Writes the steps of one award down as they are taken.</summary>
internal sealed class Trace
{
    private readonly List<TraceStep> _steps = [];
    private readonly List<int> _earlier = [];
    private int _cap;
    private int _sum;

    public IReadOnlyList<TraceStep> Steps => _steps;

    public void Test(Fact fact, Quantity given, bool? holds, Basis basis)
    {
        var value = holds is { } known ? Quantity.Of(known) : default;
        Add(StepKind.Test, fact.Wire(), [Given(fact, given)], value, basis, binding: holds is false);
    }

    public void Product(Award award, RateOfBase shape, Quantity @base, Quantity product)
    {
        var fact = Given(shape.Base, @base);
        var rate = Add(StepKind.Parameter, $"awards.{award.Id}.amount.rate", [], Quantity.Of(shape.Rate), shape.Basis);
        _sum = Add(StepKind.Amount, award.Id, [fact, rate], product, shape.BaseBasis);
    }

    public void Range(Award award, Discretionary range)
    {
        Add(StepKind.Parameter, $"awards.{award.Id}.amount.discretionary.from", [], Quantity.Of(range.From), range.Basis);
        Add(StepKind.Parameter, $"awards.{award.Id}.amount.discretionary.to", [], Quantity.Of(range.To), range.Basis);
    }

    public void CapParameter(Award award, Cap cap, int index)
    {
        _earlier.Clear();
        var path = string.Create(CultureInfo.InvariantCulture, $"awards.{award.Id}.limits.{index}.cap");
        _cap = Add(StepKind.Parameter, path, [], Quantity.Of(cap.Amount), cap.Basis);
    }

    public void Earlier(Grant grant, int index, Cap cap) =>
        _earlier.Add(Add(StepKind.History, string.Create(CultureInfo.InvariantCulture, $"history.{index}"), [], Quantity.Of(grant.Amount), cap.Basis));

    public void Capped(Quantity within, bool binding, Cap cap) =>
        _sum = Add(StepKind.Cap, cap.Scope == CapScope.Contract ? "contract" : "project", [_sum, _cap, .. _earlier], within, cap.Basis, binding);

    public void Rounded(Fen amount) => _sum = Add(StepKind.Round, "fen", [_sum], Quantity.Of(amount), default);

    public void Shared(Share[] shares, Sharing sharing)
    {
        var whole = _sum;
        foreach (var share in shares) Add(StepKind.Share, share.Payer, [whole], Quantity.Of(share.Amount), new(sharing.Clause, null));
    }

    private int Given(Fact fact, Quantity value)
    {
        var name = fact.Wire();
        var known = _steps.Find(s => s.Kind == StepKind.Fact && s.Name == name);
        return known?.Id ?? Add(StepKind.Fact, name, [], value, default);
    }

    private int Add(StepKind kind, string name, int[] inputs, Quantity value, Basis basis, bool binding = false)
    {
        _steps.Add(new TraceStep(_steps.Count + 1, kind, name, inputs, value, basis.Clause, basis.Interpretation, binding));
        return _steps.Count;
    }
}
