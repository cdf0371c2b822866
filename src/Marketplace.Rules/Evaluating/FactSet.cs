using System.Numerics;

namespace Marketplace.Rules;

/// <summary>A set of facts in one word.</summary>
internal readonly record struct FactSet(ulong Bits)
{
    public bool IsEmpty => Bits == 0;

    public bool Has(Fact fact) => (Bits >> (int)fact & 1) != 0;

    public FactSet With(Fact fact) => new(Bits | (1UL << (int)fact));

    public FactSet Without(Fact fact) => new(Bits & ~(1UL << (int)fact));

    public FactSet Union(FactSet other) => new(Bits | other.Bits);

    public IReadOnlyList<Fact> ToList()
    {
        var list = new List<Fact>(BitOperations.PopCount(Bits));
        for (var rest = Bits; rest != 0; rest &= rest - 1) list.Add((Fact)BitOperations.TrailingZeroCount(rest));
        return list;
    }
}
