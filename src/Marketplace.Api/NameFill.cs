using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api;

/// <summary>
/// Fills in what migration 0013 could not compute in SQL: canonical forms of names that lay here before, who had a hand in which contract, and the places of
/// open funds. Runs once, before the market is ready, in portions that each commit; cut off, or run by two servers at once, it comes to the same.
/// </summary>
static class NameFill
{
    const string Name = "0013_names";

    const int Portion = 500;

    sealed record Named(string Id, string Text);

    sealed record Acting(string Contract, string Person, string Party);

    public static async Task Run(Db db, TimeProvider clock)
    {
        if (await db.Read(session => session.Find<string>("SELECT name FROM fills WHERE name = @Name", new { Name })) is not null)
        {
            return;
        }

        await Forms(db, "api_keys", "person", "person_key", PersonName.Key);
        // One spelling a person, so that the constraints on the columns that are written from now on tell persons apart as the program does.
        await db.Write(session => session.Execute(
            "UPDATE api_keys SET person = (SELECT MIN(other.person) FROM api_keys other WHERE other.person_key = api_keys.person_key)"));
        await Forms(db, "contracts", "project", "project_key", ProjectNames.Key);
        await Forms(db, "contracts", "registration_number", "number_key", CanonicalName.Of);
        await Forms(db, "contract_payments", "reference", "reference_key", CanonicalName.Of);
        await Forms(db, "claims", "reference", "reference_key", CanonicalName.Of);
        while (await db.Write(Likenesses) == Portion)
        {
        }

        while (await db.Write(Hands) == Portion)
        {
        }

        await db.Write(Places);
        await db.Write(session => session.TryInsert("INSERT INTO fills (name, filled_at) VALUES (@Name, @at)", new { Name, at = clock.Now() }));
    }

    /// <summary>One column of canonical forms. Where a unique index has the form already, for an earlier row, the later one keeps its id with it.</summary>
    static async Task Forms(Db db, string table, string typed, string key, Func<string, string> form)
    {
        int filled;
        do
        {
            filled = await db.Write(async session =>
            {
                var rows = await session.First<Named>(
                    $"SELECT id AS Id, {typed} AS Text FROM {table} WHERE {typed} IS NOT NULL AND {key} IS NULL ORDER BY id", new { take = Portion });
                foreach (var row in rows)
                {
                    var value = form(row.Text);
                    var update = $"UPDATE {table} SET {key} = @value WHERE id = @Id";
                    if (await session.TryExecute(update, new { value, row.Id }) is null)
                    {
                        await session.Execute(update, new { value = $"{value}#{row.Id}", row.Id });
                    }
                }

                return rows.Count;
            });
        }
        while (filled == Portion);
    }

    static async Task<int> Likenesses(Session session)
    {
        var rows = await ContractSql.WithoutLikeness(session, Portion);
        foreach (var row in rows)
        {
            var key = SimilarContracts.KeyOf(row);
            if (!await ContractSql.SetLikeness(session, row.Id, key))
            {
                await ContractSql.SetLikeness(session, row.Id, $"{key}#{row.Id}");
            }
        }

        return rows.Count;
    }

    /// <summary>Who acted, from the steps and payments. Who did so for a party is of the party's side, whatever else the same name did.</summary>
    static async Task<int> Hands(Session session)
    {
        var contracts = await session.First<string>(
            """
            SELECT id FROM contracts
            WHERE EXISTS (SELECT 1 FROM contract_steps WHERE contract_steps.contract_id = contracts.id)
                AND NOT EXISTS (SELECT 1 FROM contract_hands WHERE contract_hands.contract_id = contracts.id)
            ORDER BY id
            """,
            new { take = Portion });
        foreach (var id in contracts)
        {
            var contract = (await ContractSql.Get(session, id))!;
            var acts = await session.List<Acting>(
                """
                SELECT contract_id AS Contract, person AS Person, party_id AS Party FROM contract_steps WHERE contract_id = @id
                UNION SELECT contract_id AS Contract, recorded_by AS Person, party_id AS Party FROM contract_payments WHERE contract_id = @id
                """,
                new { id });
            foreach (var person in acts.GroupBy(act => PersonName.Key(act.Person)))
            {
                var side = person.Any(act => act.Party == contract.Owner || contract.Concerns(act.Party)) ? ContractHands.Party : ContractHands.Office;
                await session.TryInsert(
                    "INSERT INTO contract_hands (contract_id, person_key, side) VALUES (@id, @Key, @side)", new { id, person.Key, side });
            }
        }

        return contracts.Count;
    }

    /// <summary>Of two funds that are open for the same already, the older keeps the place; the other stays open, but once it is suspended it cannot open again.</summary>
    static async Task<int> Places(Session session)
    {
        var funds = await FundSql.OpenOrSuspended(session);
        foreach (var fund in funds)
        {
            foreach (var policy in fund.Plan.Policies)
            {
                await FundSql.TakePlace(session, fund, policy);
            }
        }

        return funds.Count;
    }
}
