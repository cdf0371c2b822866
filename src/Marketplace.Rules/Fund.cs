namespace Marketplace.Rules;

/// <summary>What happens when a year's fund is spent.</summary>
public enum Shortage
{
    /// <summary>一事一议: more money is decided case by case, nothing is cut.</summary>
    CaseDecision,

    /// <summary>Claims wait for the next appropriation.</summary>
    Queue,

    /// <summary>按比例: every claim of the round is cut alike.</summary>
    ProRata,

    /// <summary>先到先得: paid in the order of claims until it is spent.</summary>
    FirstCome,
}

/// <summary>The money that pays awards (专项资金). An evaluation says which fund pays; whether it is spent it does not ask, the ledger does.</summary>
/// <param name="Id">Id within the policy.</param>
/// <param name="Yearly">Appropriation of a calendar year.</param>
/// <param name="OnShortage">What happens when it is spent.</param>
/// <param name="Pays">Ids of the awards that it pays.</param>
/// <param name="Clauses">Ids of the clauses that found it.</param>
public sealed record Fund(string Id, Parameter Yearly, Shortage OnShortage, IReadOnlyList<string> Pays, IReadOnlyList<string> Clauses);
