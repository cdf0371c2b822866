using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

/// <summary>
/// Who had a hand in a contract, its payments and its claims: for one of its parties (made, signed, submitted or amended it, recorded a payment, filed a claim)
/// or for an office (recognised, confirmed, reviewed, approved, paid). Nobody is both: the primary key keeps one row a person, whichever step comes first.
/// </summary>
static class ContractHands
{
    public const string Party = "party";
    public const string Office = "office";

    /// <summary>The caller acts for a party.</summary>
    /// <exception cref="Refusal">The same person has decided in the matter.</exception>
    public static Task ForParty(Session session, string contract, Caller caller) => Take(session, contract, caller, Party);

    /// <summary>The caller decides.</summary>
    /// <exception cref="Refusal">The same person has acted for a party.</exception>
    public static Task AsOfficial(Session session, string contract, Caller caller) => Take(session, contract, caller, Office);

    static async Task Take(Session session, string contract, Caller caller, string side)
    {
        var hand = new { contract, person = caller.PersonKey, side };
        if (await session.TryExecute(
            """
            INSERT INTO contract_hands (contract_id, person_key, side)
            SELECT @contract, @person, @side
            WHERE NOT EXISTS (SELECT 1 FROM contract_hands WHERE contract_id = @contract AND person_key = @person)
            """,
            hand) != 1
            && await session.Single<string>("SELECT side FROM contract_hands WHERE contract_id = @contract AND person_key = @person", hand) != side)
        {
            throw Problems.SeparationOfDuty(caller.Person);
        }
    }
}
