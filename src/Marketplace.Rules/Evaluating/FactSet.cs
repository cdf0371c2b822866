using System.Numerics;

namespace Marketplace.Rules;

/// <summary>A set of facts in one word.</summary>
internal readonly record struct FactSet(uint Bits)
{
    public bool IsEmpty => Bits == 0;

    public FactSet With(Fact fact) => new(Bits | (1u << (int)fact));

    public IReadOnlyList<Fact> ToList()
    {
        var list = new List<Fact>(BitOperations.PopCount(Bits));
        for (var rest = Bits; rest != 0; rest &= rest - 1) list.Add((Fact)BitOperations.TrailingZeroCount(rest));
        return list;
    }
}
