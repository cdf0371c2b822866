using System.Runtime.InteropServices;

namespace Marketplace.Rules;

/// <summary>
/// What was granted so far, kept as one total for each award and each thing that its limits are counted over, so that a limit costs one
/// look-up however long the history is. Each contract comes once, so a limit per contract needs no total; a grant counts in the calendar
/// year of the governing day; a project is told by its name alone. A subject that lacks the identity in question stands alone.
/// </summary>
public sealed class GrantTotals : IGrants
{
    private readonly Dictionary<Key, long> _totals = [];
    private readonly Dictionary<Key, List<Dated>> _ofParties = [];
    private readonly Dictionary<string, Counting[]> _kept;
    private bool _hasUnnamed;

    // No title looks like this.
    private const string Yearly = " ";

    private readonly record struct Dated(long Day, long Amount, bool IsNamed);

    /// <summary>Nothing granted yet, for one policy.</summary>
    public GrantTotals(Policy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var sets = policy.Periods.Select(p => p.Rules).ToArray();
        _kept = policy.Awards.ToDictionary(award => award.Id, award => sets
            .SelectMany(set => set.Awards.First(a => a.Id == award.Id).Scopes
                .Concat(set.Stacking.Where(rule => rule.Awards.Contains(award.Id)).SelectMany(rule => rule.Scopes)))
            .Where(over => over.Scope != Scope.Contract).DistinctBy(over => (over.Scope, over.Unnamed)).ToArray());
    }

    Interval IGrants.Used(AwardRun run, IReadOnlyList<string> awards, Counting over, Basis basis)
    {
        var used = Used(awards, run.Award, run.Facts, over);
        if (used > 0) run.Trace?.Earlier(used, basis);
        return new(used, used);
    }

    Truth IGrants.WasPaidIn(AwardRun run, Counting over, int year) =>
        Name(run.Award, run.Facts, over, out _) is { } name && _totals.ContainsKey(new(run.Award.Id, over.Scope, name, Yearly, year)) ? Truth.Yes : Truth.No;

    internal long Used(Award award, FactValues facts, in Counting over) => Used(award.Alone, award, facts, over);

    private long Used(IReadOnlyList<string> awards, Award award, FactValues facts, in Counting over)
    {
        if (over.Scope == Scope.Contract) return 0;
        var isOfParties = over is { Scope: Scope.Project, Unnamed: Unnamed.Parties };
        long used = 0;
        if (Name(award, facts, over, out var title) is { } name)
        {
            if (over.YearsBack is not { } years)
            {
                for (var i = 0; i < awards.Count; i++) used += _totals.GetValueOrDefault(new(awards[i], over.Scope, name, title, 0));
            }
            else if (Year(award, facts) is { } year)
            {
                // The fullest window of so many years that the case lies in.
                for (var end = year; end < year + years; end++)
                {
                    long within = 0;
                    for (var i = 0; i < awards.Count; i++)
                        for (var back = 0; back < years; back++) within += _totals.GetValueOrDefault(new(awards[i], over.Scope, name, title, end - back));
                    used = Math.Max(used, within);
                }
            }

            return isOfParties && _hasUnnamed ? used + OfParties(awards, award, facts, over, unnamedOnly: true) : used;
        }

        return isOfParties ? OfParties(awards, award, facts, over, unnamedOnly: false) : 0;
    }

    /// <summary>The fullest window of the contracts of the same two parties.</summary>
    private long OfParties(IReadOnlyList<string> awards, Award award, FactValues facts, Counting over, bool unnamedOnly)
    {
        if (Parties(facts) is not var (buyer, seller) || !facts.Has(award.GovernedBy)) return 0;
        var own = facts.Number(award.GovernedBy);
        List<Dated> granted = [];
        for (var i = 0; i < awards.Count; i++)
            if (_ofParties.TryGetValue(new(awards[i], Scope.Project, buyer, seller, 0), out var some))
                granted.AddRange(some.Where(grant => !(unnamedOnly && grant.IsNamed)));
        return granted.Select(grant => grant.Day).Where(day => day > own && over.Start(day) <= own).Append(own).Distinct()
            .Max(end => granted.Where(grant => grant.Day <= end && grant.Day >= over.Start(end)).Sum(grant => grant.Amount));
    }

    internal void Add(Award award, FactValues facts, long amount)
    {
        if (amount == 0) return;
        var counted = Scope.Contract;
        foreach (ref readonly var over in _kept[award.Id].AsSpan())
        {
            var name = Name(award, facts, over, out var title);
            if (over is { Scope: Scope.Project, Unnamed: Unnamed.Parties } && Parties(facts) is var (buyer, seller) && facts.Has(award.GovernedBy))
            {
                ref var granted = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofParties, new(award.Id, Scope.Project, buyer, seller, 0), out _);
                (granted ??= []).Add(new(facts.Number(award.GovernedBy), amount, name is not null));
                _hasUnnamed |= name is null;
            }

            // Two ways of counting unnamed contracts share the totals of projects.
            if (name is null || over.Scope == counted) continue;
            if (over.Scope == Scope.Project) counted = Scope.Project;
            var key = new Key(award.Id, over.Scope, name, title, over.YearsBack is null ? 0 : Year(award, facts) ?? 0);
            ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(_totals, key, out _);
            total += amount;
            if (award.Amount is Instalments { Of: { } of } && of.Scope == over.Scope && Year(award, facts) is { } year)
                CollectionsMarshal.GetValueRefOrAddDefault(_totals, new(award.Id, over.Scope, name, Yearly, year), out _) += amount;
        }
    }

    private static string? Name(Award award, FactValues facts, in Counting over, out string? title)
    {
        title = null;
        if (facts.Word(over.Identity(award)) is not { } name) return null;
        if (over.Scope != Scope.PartyTitle) return CanonicalName.ToFold(name);
        if (facts.Word(Fact.Title) is not { } named) return null;
        title = CanonicalName.OfTitle(named);
        return CanonicalName.ToFold(name);
    }

    private static (string Buyer, string Seller)? Parties(FactValues facts) =>
        facts.Word(Fact.Buyer) is { } buyer && facts.Word(Fact.Seller) is { } seller ? (CanonicalName.ToFold(buyer), CanonicalName.ToFold(seller)) : null;

    private static int? Year(Award award, FactValues facts) =>
        facts.Has(award.GovernedBy) ? DateOnly.FromDayNumber((int)facts.Number(award.GovernedBy)).Year : null;

    /// <summary>Names equal but for case are one name: what is no plain name is in its canonical form.</summary>
    private readonly record struct Key(string Award, Scope Scope, string Name, string? Second, int Year)
    {
        public bool Equals(Key other) => Year == other.Year && Scope == other.Scope && Award == other.Award
            && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase) && string.Equals(Second, other.Second, StringComparison.OrdinalIgnoreCase);

        // The name tells almost all keys apart.
        public override int GetHashCode() => Name.GetHashCode(StringComparison.OrdinalIgnoreCase) ^ Year;
    }
}
