using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

/// <summary>A contract, what was granted before, and a set of facts to forget.</summary>
public sealed record Dealing(Facts Facts, Grant[] History, int Forget);

/// <summary>Generators that favour the places where an answer changes.</summary>
internal static partial class Arbitrary
{
    private static readonly Gen<ContractKind> Kinds =
        Gen.Frequency((6, Gen.Elements(ContractKind.Development, ContractKind.Transfer, ContractKind.Licence)), (1, Gen.Elements(FactNames.Kinds.ToArray())));

    private static readonly Gen<string?> Projects = Gen.Elements<string?>("P1", "P2", null);
    private static readonly Gen<string?> Contracts = Gen.Elements<string?>("C1", "C2", null);

    public static Gen<Fen> Money { get; } = Gen.OneOf(
        Gen.Choose(0, 1_000_000).Select(fen => new Fen(fen)),
        Gen.Choose(0, int.MaxValue).Select(fen => new Fen(fen)),
        Gen.Choose(-3, 3).Select(near => new Fen(333_333_333 + near)),
        Gen.Choose(-3, 3).Select(near => new Fen(500_000_000 + near)),
        Gen.Choose(0, 999_999_999).Zip(Gen.Choose(0, 9_999_999)).Select(pair => new Fen(pair.Item1 * 10_000_000L + pair.Item2)));

    /// <summary>Every fact is known; most contracts qualify.</summary>
    public static Gen<Facts> Facts { get; } =
        from kind in Kinds
        from technologyAmount in Money
        from more in Gen.Choose(0, 1_000_000)
        from recognised in Mostly(true)
        from day in Gen.Frequency((1, Gen.Choose(-2, 2)), (4, Gen.Choose(0, 3000)))
        from brokered in Mostly(true)
        from related in Mostly(false)
        from region in Gen.Frequency((5, Gen.Elements("630100", "630102", "630199")), (1, Gen.Elements("110108", "632100", "630000")))
        from project in Projects
        from contract in Contracts
        select new Facts
        {
            Kind = kind,
            TechnologyAmount = technologyAmount,
            Amount = technologyAmount + new Fen(more),
            Paid = technologyAmount,
            Recognised = recognised,
            RecognisedOn = new DateOnly(2020, 8, 19).AddDays(day),
            Brokered = brokered,
            RelatedParties = related,
            BuyerRegion = region,
            Project = project,
            Contract = contract,
        };

    public static Arbitrary<Dealing> Cases { get; } = (
        from facts in Facts
        from count in Gen.Choose(0, 4)
        from history in Grant.ArrayOf(count)
        from forget in Gen.Choose(0, (1 << 13) - 1)
        select new Dealing(facts, history, forget)).ToArbitrary();

    private static Gen<Grant> Grant =>
        from award in Gen.Elements("buyer", "broker", "major")
        from amount in Gen.OneOf(Gen.Choose(0, 5_000_000), Gen.Elements(5_000_000, 10_000_000, 1))
        from project in Projects
        from contract in Contracts
        select new Grant(award, new Fen(amount)) { Project = project, Contract = contract };

    public static void Holds(Func<Dealing, bool> law) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithQuietOnSuccess(true), Prop.ForAll(Cases, law));

    private static Gen<bool> Mostly(bool value) => Gen.Frequency((7, Gen.Constant(value)), (1, Gen.Constant(!value)));
}
