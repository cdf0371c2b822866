namespace Marketplace.Rules.Checking;

/// <summary>Everything that an award is made of, however deep it lies.</summary>
internal static class Parts
{
    /// <summary>Every condition of an award, those of its cases included.</summary>
    public static IEnumerable<Condition> Of(Award award) =>
        award.Conditions.Concat(Of(award.Amount).OfType<Cases>().SelectMany(cases => cases.Parts).SelectMany(part => part.When)).SelectMany(Of);

    /// <summary>An amount and those of its cases.</summary>
    public static IEnumerable<AmountShape> Of(AmountShape amount) =>
        amount is Cases cases ? cases.Parts.SelectMany(part => Of(part.Amount)).Prepend(amount) : [amount];

    private static IEnumerable<Condition> Of(Condition condition) => condition switch
    {
        AllOf all => all.Parts.SelectMany(Of),
        AnyOf any => any.Parts.SelectMany(Of),
        Not not => Of(not.Part),
        _ => [condition],
    };
}
