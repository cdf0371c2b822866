using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Funds;

/// <summary>What says which claims a fund pays.</summary>
public record FundScope
{
    FundContent? _plan;

    public string Id { get; init; } = "";
    public string Region { get; init; } = "";
    public int Year { get; init; }

    /// <summary>A <see cref="FundContent"/>.</summary>
    public string Content
    {
        get;
        init => (field, _plan) = (value, null);
    } = "";

    public FundContent Plan => _plan ??= Json.Read<FundContent>(Content, $"funds {Id}");
}

public sealed record FundRow : FundScope
{
    public string State { get; init; } = FundLifecycle.Planned;
    public int Version { get; init; } = 1;
    public long AppropriationFen { get; init; }
    public long AvailableFen { get; init; }
    public long ReservedFen { get; init; }
    public long InFlightFen { get; init; }
    public long PaidFen { get; init; }
    public long ReturnedFen { get; init; }
    public long? ProposedFen { get; init; }
    public string? ProposedReason { get; init; }
    public string? ProposedBy { get; init; }

    /// <summary>Null for a fund from before that was kept.</summary>
    public string? PlannedBy { get; init; }

    /// <summary>Who opened it last.</summary>
    public string? OpenedBy { get; init; }

    public long LastEntry { get; init; }
    public string LastHash { get; init; } = "";
    public string? Reason { get; init; }

    /// <summary>What does not hold of the books, since it was last looked; nothing moves meanwhile.</summary>
    public string? Breach { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Nothing is promised or on its way.</summary>
    public bool IsSettled => ReservedFen == 0 && InFlightFen == 0;
}

static class FundSql
{
    const string ScopeColumns = "id AS Id, region AS Region, fund_year AS Year, content AS Content";

    const string Columns =
        $"""
        {ScopeColumns}, state AS State, version AS Version,
        appropriation_fen AS AppropriationFen, available_fen AS AvailableFen, reserved_fen AS ReservedFen, in_flight_fen AS InFlightFen,
        paid_fen AS PaidFen, returned_fen AS ReturnedFen, proposed_fen AS ProposedFen, proposed_reason AS ProposedReason,
        proposed_by AS ProposedBy, planned_by AS PlannedBy, opened_by AS OpenedBy, last_entry AS LastEntry, last_hash AS LastHash, reason AS Reason, breach AS Breach, created_at AS CreatedAt,
        updated_at AS UpdatedAt
        """;

    public static Task<FundRow?> Get(Session session, string id) =>
        session.Find<FundRow>($"SELECT {Columns} FROM funds WHERE id = @id", new { id });

    public static Task<List<FundRow>> List(Session session, FundQuery query, string? after, int take)
    {
        List<string> where = ["id < @after"];
        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        if (query.Region is not null)
        {
            where.Add("region = @region");
        }

        if (query.Year is not null)
        {
            where.Add("fund_year = @year");
        }

        return session.First<FundRow>(
            $"SELECT {Columns} FROM funds WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new { after = after ?? "~", state = query.State, region = query.Region, year = query.Year, take });
    }

    /// <summary>The open fund of a year that pays a policy's awards to buyers in a region: the one nearest to them.</summary>
    public static async Task<FundScope?> Paying(Session session, string policy, string region, int year) =>
        Nearest(await Open(session, year), policy, region);

    public static FundScope? Nearest(IEnumerable<FundScope> funds, string policy, string region) => funds
        .Where(row => Rules.Region.Covers(row.Region, region) && row.Plan.Policies.Contains(policy))
        .OrderByDescending(row => row.Region.TrimEnd('0').Length).FirstOrDefault();

    public static Task<List<FundScope>> Open(Session session, int year) =>
        session.List<FundScope>($"SELECT {ScopeColumns} FROM funds WHERE state = 'open' AND fund_year = @year ORDER BY id", new { year });

    /// <summary>What a breach may be described with.</summary>
    public const int LongestBreach = 2000;

    public static Task<List<string>> Ids(Session session) => session.List<string>("SELECT id FROM funds ORDER BY id");

    /// <returns>False when somebody else has written since what was found of the books.</returns>
    public static async Task<bool> SetBreach(Session session, string id, string? before, string? breach) => await session.Execute(
        "UPDATE funds SET breach = @breach WHERE id = @id AND COALESCE(breach, '') = @before",
        new { id, before = before ?? "", breach }) == 1;

    public static Task<int> Insert(Session session, FundRow row) => session.Execute(
        """
        INSERT INTO funds (id, state, version, region, fund_year, content, appropriation_fen, available_fen, reserved_fen, in_flight_fen,
            paid_fen, returned_fen, planned_by, last_entry, last_hash, created_at, updated_at)
        VALUES (@Id, @State, @Version, @Region, @Year, @Content, 0, 0, 0, 0, 0, 0, @PlannedBy, 0, '', @CreatedAt, @UpdatedAt)
        """,
        row);

    /// <summary>Writes the state and what was proposed; the money is the ledger's.</summary>
    /// <returns>False when the row is no longer of the version before <paramref name="row"/>'s.</returns>
    public static async Task<bool> Update(Session session, FundRow row) => await session.Execute(
        """
        UPDATE funds SET state = @State, version = @Version, proposed_fen = @ProposedFen, proposed_reason = @ProposedReason,
            proposed_by = @ProposedBy, opened_by = @OpenedBy, reason = @Reason, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1
        """,
        row) == 1;

    /// <summary>Takes for a fund that opens the place of each of its policies in its region and year.</summary>
    /// <returns>The fund that has the place of one of them; null when all are this fund's.</returns>
    public static async Task<(string Policy, string Fund)?> TakePlaces(Session session, FundScope fund)
    {
        foreach (var policy in fund.Plan.Policies.Distinct().Order(StringComparer.Ordinal))
        {
            if (!await TakePlace(session, fund, policy)
                && await session.Single<string>(
                    "SELECT fund_id FROM open_fund_policies WHERE policy_id = @policy AND region = @Region AND fund_year = @Year",
                    new { policy, fund.Region, fund.Year }) is var holder
                && holder != fund.Id)
            {
                return (policy, holder);
            }
        }

        return null;
    }

    /// <returns>False when a fund has the place already.</returns>
    public static Task<bool> TakePlace(Session session, FundScope fund, string policy) => session.TryInsert(
        "INSERT INTO open_fund_policies (policy_id, region, fund_year, fund_id) VALUES (@policy, @Region, @Year, @Id)",
        new { policy, fund.Region, fund.Year, fund.Id });

    /// <summary>The oldest first.</summary>
    public static Task<List<FundScope>> OpenOrSuspended(Session session) =>
        session.List<FundScope>($"SELECT {ScopeColumns} FROM funds WHERE state IN ('open', 'suspended') ORDER BY id");

    public static Task LeavePlaces(Session session, string fund) =>
        session.Execute("DELETE FROM open_fund_policies WHERE fund_id = @fund", new { fund });

    public static Task Close(Session session, string id) => session.Execute("UPDATE funds SET state = 'closed' WHERE id = @id", new { id });
}

static class LedgerSql
{
    const string Columns =
        """
        fund_id AS Fund, entry_number AS Number, kind AS Kind, debit AS Debit, credit AS Credit, amount_fen AS Fen, claim_id AS Claim,
        resolves AS Resolves, reference AS Reference, reason AS Reason, person AS Person, occurred_at AS At, hash AS Hash
        """;

    sealed record Head
    {
        public long LastEntry { get; init; }
        public string LastHash { get; init; } = "";

        /// <summary>When the entry before was made.</summary>
        public DateTimeOffset? Before { get; init; }
    }

    /// <summary>
    /// Moves money in the caller's transaction. One statement guards the balance, moves the money and takes the entry's number. The fund's row
    /// is locked before it is read, where units are not committed one after the other anyway: so are entries numbered and chained on every engine.
    /// </summary>
    /// <param name="states">The states in which the fund does this, of <see cref="FundLifecycle"/>.</param>
    /// <returns>The entry's number; null where the fund is not in such a state or its account does not hold the sum.</returns>
    /// <exception cref="Refusal">The fund's books do not add up, another payment has the reference, or the reservation has ended already.</exception>
    public static async Task<long?> Post(Session session, TimeProvider clock, Movement movement, params string[] states)
    {
        await session.Lock("UPDATE funds SET last_entry = last_entry WHERE id = @Fund", movement);
        var head = await HeadOf(session, movement);
        var now = clock.Now();
        var (debit, credit) = Accounts.Of(movement.Kind, movement.Payee);
        var row = new EntryRow
        {
            Fund = movement.Fund, Number = head.LastEntry + 1, Kind = movement.Kind.Code(), Debit = debit, Credit = credit, Fen = movement.Amount.Value,
            Claim = movement.Claim, Resolves = movement.Resolves, Reference = movement.Reference, Reason = movement.Reason,
            // Balances are asked for by time: no clock that was set back, or of another server, makes entries go back.
            Person = movement.Person, At = head.Before > now ? head.Before.Value : now,
        };
        row = row with { Hash = row.HashAfter(head.LastHash) };
        var moved = await session.Execute(
            $"""
            UPDATE funds SET {Change(debit, sign: '-')}, {Change(credit, sign: '+')}, last_entry = @Number, last_hash = @Hash, updated_at = @now
            WHERE id = @Fund AND breach IS NULL AND state IN ('{string.Join("', '", states)}'){(Balance(debit) is { } balance ? $" AND {balance} >= @sum + @leaving" : "")}{(debit == Accounts.Appropriation ? " AND appropriation_fen <= @most - @sum" : "")}
            """,
            new { movement.Fund, row.Number, row.Hash, sum = movement.Amount.Value, leaving = movement.Leaving.Value, most = Ledger.LargestFen, now });
        if (moved == 0)
        {
            return (await FundSql.Get(session, movement.Fund))?.Breach is { } breach ? throw Problems.BooksBroken(movement.Fund, breach) : null;
        }

        var inserted = await session.TryInsert(
            """
            INSERT INTO ledger_entries (fund_id, entry_number, kind, debit, credit, amount_fen, claim_id, resolves, reference, reason, person,
                occurred_at, hash)
            VALUES (@Fund, @Number, @Kind, @Debit, @Credit, @Fen, @Claim, @Resolves, @Reference, @Reason, @Person, @At, @Hash)
            """,
            row);
        if (!inserted)
        {
            throw Problems.AlreadyExists("/reference", new(
                $"付款凭证号 {movement.Reference} 已登记。", $"Another payment has the reference {movement.Reference}."));
        }

        return row.Number;
    }

    static async Task<Head> HeadOf(Session session, Movement movement)
    {
        try
        {
            return await session.Single<Head>(
                """
                SELECT funds.last_entry AS LastEntry, funds.last_hash AS LastHash, ledger_entries.occurred_at AS Before
                FROM funds LEFT JOIN ledger_entries ON ledger_entries.fund_id = funds.id AND ledger_entries.entry_number = funds.last_entry
                WHERE funds.id = @Fund
                """,
                movement);
        }
        catch (UnreadableException)
        {
            throw Problems.BooksBroken(movement.Fund, "K8");
        }
    }

    /// <summary>A fund's entries after a number, in their order.</summary>
    public static Task<List<EntryRow>> After(Session session, string fund, long after, int take) => session.First<EntryRow>(
        $"SELECT {Columns} FROM ledger_entries WHERE fund_id = @fund AND entry_number > @after ORDER BY entry_number",
        new { fund, after, take });

    /// <summary>The entries about a claim in their order, each with the hash that its own continues.</summary>
    public static Task<List<EntryRow>> About(Session session, string claim) => session.List<EntryRow>(
        """
        SELECT e.fund_id AS Fund, e.entry_number AS Number, e.kind AS Kind, e.debit AS Debit, e.credit AS Credit, e.amount_fen AS Fen,
            e.claim_id AS Claim, e.resolves AS Resolves, e.reference AS Reference, e.reason AS Reason, e.person AS Person,
            e.occurred_at AS At, e.hash AS Hash, COALESCE(p.hash, '') AS Previous
        FROM ledger_entries e LEFT JOIN ledger_entries p ON p.fund_id = e.fund_id AND p.entry_number = e.entry_number - 1
        WHERE e.claim_id = @claim ORDER BY e.fund_id, e.entry_number
        """,
        new { claim });

    /// <summary>All of a fund's entries in their order.</summary>
    public static async IAsyncEnumerable<EntryRow> All(Session session, string fund)
    {
        const int batch = 5_000;
        var after = 0L;
        List<EntryRow> rows;
        do
        {
            rows = await After(session, fund, after, batch);
            foreach (var row in rows)
            {
                yield return row;
            }

            after = rows.Count > 0 ? rows[^1].Number : after;
        }
        while (rows.Count == batch);
    }

    static string Change(string account, char sign) => account == Accounts.Appropriation || account == Accounts.Returned
        // Sources are kept as what they gave.
        ? $"{Column(account)} = {Column(account)} {(sign == '-' ? '+' : '-')} @sum"
        : $"{Column(account)} = {Column(account)} {sign} @sum";

    /// <summary>The column that must hold the sum before it is taken; null for a source.</summary>
    static string? Balance(string debit) => debit is Accounts.Appropriation or Accounts.Returned ? null : Column(debit);

    static string Column(string account) => account switch
    {
        Accounts.Appropriation => "appropriation_fen",
        Accounts.Available => "available_fen",
        Accounts.Reserved => "reserved_fen",
        Accounts.InFlight => "in_flight_fen",
        Accounts.Returned => "returned_fen",
        _ => "paid_fen",
    };
}
