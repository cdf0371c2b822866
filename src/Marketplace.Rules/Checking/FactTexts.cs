using Marketplace.Rules.Documents;

namespace Marketplace.Rules.Checking;

/// <summary>What a fact is given as.</summary>
internal enum FactForm
{
    Kind,
    Sum,
    Flag,
    Day,
    Region,
    Name,
}

/// <summary>Facts as a document writes them: <c>kind: 技术转让</c>, <c>amount: 300万元</c>, <c>recognised: true</c>.</summary>
internal static class FactTexts
{
    public static FactForm Form(this Fact fact) => fact switch
    {
        Fact.Kind => FactForm.Kind,
        Fact.Amount or Fact.TechnologyAmount or Fact.Paid => FactForm.Sum,
        Fact.Recognised or Fact.Brokered or Fact.RelatedParties => FactForm.Flag,
        Fact.RecognisedOn or Fact.SignedOn => FactForm.Day,
        Fact.BuyerRegion or Fact.SellerRegion => FactForm.Region,
        Fact.Project or Fact.Contract => FactForm.Name,
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, null),
    };

    /// <summary>The facts with one more read from a document.</summary>
    public static Facts With(this Facts facts, Fact fact, Node value, Faults faults) => fact switch
    {
        Fact.Kind => facts with { Kind = faults.Word(value, AwardReader.Kinds) },
        Fact.Amount => facts with { Amount = faults.Money(value) },
        Fact.TechnologyAmount => facts with { TechnologyAmount = faults.Money(value) },
        Fact.Paid => facts with { Paid = faults.Money(value) },
        Fact.Recognised => facts with { Recognised = faults.Flag(value) },
        Fact.RecognisedOn => facts with { RecognisedOn = faults.Date(value) },
        Fact.SignedOn => facts with { SignedOn = faults.Date(value) },
        Fact.Project => facts with { Project = faults.Text(value) },
        Fact.Contract => facts with { Contract = faults.Text(value) },
        Fact.Brokered => facts with { Brokered = faults.Flag(value) },
        Fact.RelatedParties => facts with { RelatedParties = faults.Flag(value) },
        Fact.BuyerRegion => facts with { BuyerRegion = faults.Region(value) },
        Fact.SellerRegion => facts with { SellerRegion = faults.Region(value) },
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, null),
    };
}
