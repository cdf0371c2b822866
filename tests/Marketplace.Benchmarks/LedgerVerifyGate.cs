using System.Security.Cryptography;
using System.Text;
using Dapper;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Funds;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Marketplace.Benchmarks;

/// <summary>A fund of a million entries, added up and hash-checked (K1–K10): entries a second of one core's time.</summary>
static class LedgerVerifyGate
{
    const int Entries = 1_000_000;
    const string Fund = "fnd_00000000000000000000000000";

    /// <summary>The check itself, of entries in memory, against the rate that is asked for.</summary>
    public static Task<Measured?> Check()
    {
        var entries = Made();
        Fold(entries);
        return Gates.InTurns(rounds: 5, need: 1, () => Task.FromResult(Rate(() => Fold(entries))), () => Task.FromResult(500_000d))!;
    }

    /// <summary>As it is asked for over HTTP, read from SQLite, against reading the same rows and hashing each once, and nothing else.</summary>
    public static async Task<Measured?> Read()
    {
        using var folder = new Folder();
        var connection = $"Data Source={folder.File("ledger.db")}";
        using var dialect = Dialect.For("sqlite", connection);
        await using var db = new Db(dialect, NullLoggerFactory.Instance);
        await Migrator.Run(db, TimeProvider.System);
        Fill(connection, Made());
        return await Gates.InTurns(rounds: 3, need: 0.7, () => Task.FromResult(Rate(Ours)), () => Task.FromResult(Rate(() => Bare(connection))));

        void Ours()
        {
            var invariants = db.Read(async session => await LedgerCheck.OfLedger(session, (await FundSql.Get(session, Fund))!)).GetAwaiter().GetResult();
            if (invariants.FirstOrDefault(k => !k.Holds) is { } broken)
            {
                throw new InvalidOperationException($"{broken.Name}: {broken.Detail}");
            }
        }
    }

    static double Rate(Action work)
    {
        var before = Environment.CpuUsage.TotalTime;
        work();
        return Entries / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    static void Fold(List<EntryRow> entries)
    {
        using var fold = new LedgerFold(Fund);
        entries.ForEach(fold.Add);
        if ((fold.LastEntry, fold.Sum, fold.ChainFault ?? fold.GapFault ?? fold.ReservationFault ?? fold.ReferenceFault) != (Entries, 0, null))
        {
            throw new InvalidOperationException("The entries do not add up.");
        }
    }

    /// <summary>An appropriation, and claims that are each reserved, ordered and paid.</summary>
    static List<EntryRow> Made()
    {
        const long sum = 3_000_000;
        var (entries, at) = (new List<EntryRow>(Entries), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Add(EntryKind.Appropriate, null, sum * Entries);
        while (entries.Count < Entries)
        {
            var (claim, reserved) = ($"clm_{entries.Count:d26}", entries.Count + 1);
            Add(EntryKind.Reserve, claim, sum);
            Add(EntryKind.Order, claim, sum);
            Add(EntryKind.Pay, claim, sum, reserved, $"ICBC-{claim}");
        }

        return entries;

        void Add(EntryKind kind, string? claim, long fen, long? resolves = null, string? reference = null)
        {
            var (debit, credit) = Accounts.Of(kind, $"pty_{entries.Count % 5_000:d26}");
            at = at.AddMilliseconds(7);
            var row = new EntryRow
            {
                Fund = Fund, Number = entries.Count + 1, Kind = kind.Code(), Debit = debit, Credit = credit, Fen = fen, Claim = claim, Resolves = resolves,
                Reference = reference, Person = "李四", At = at,
            };
            entries.Add(row with { Hash = row.HashAfter(entries.Count == 0 ? "" : entries[^1].Hash) });
        }
    }

    static void Fill(string connectionString, List<EntryRow> entries)
    {
        // The contracts and payees of the claims are of no account here.
        using var connection = new SqliteConnection($"{connectionString};Foreign Keys=False");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        var (given, paid) = (entries[0].Fen, entries.Where(row => row.Kind == "pay").Sum(row => row.Fen));
        connection.Execute(
            """
            INSERT INTO funds (id, state, version, region, fund_year, content, appropriation_fen, available_fen, reserved_fen, in_flight_fen,
                paid_fen, returned_fen, last_entry, last_hash, created_at, updated_at)
            VALUES (@Fund, 'open', 1, '630100', 2026, '{}', @given, @given - @paid, 0, 0, @paid, 0, @Number, @Hash, @At, @At)
            """,
            new { Fund, given, paid, entries[^1].Number, entries[^1].Hash, entries[^1].At }, transaction);
        connection.Execute(
            """
            INSERT INTO ledger_entries (fund_id, entry_number, kind, debit, credit, amount_fen, claim_id, resolves, reference, reason, person,
                occurred_at, hash)
            VALUES (@Fund, @Number, @Kind, @Debit, @Credit, @Fen, @Claim, @Resolves, @Reference, @Reason, @Person, @At, @Hash)
            """,
            entries, transaction);
        connection.Execute(
            """
            INSERT INTO claims (id, state, version, contract_id, terms_version, policy_id, policy_version, award, payee_id, part, amount_fen,
                content, fund_id, reservation, reference, reviewer, approver, payer, created_at, updated_at)
            VALUES (@Claim, 'paid', 5, @Claim, 1, 'xining-2020', '1', 'buyer', SUBSTR(@Credit, 6), 0, @Fen,
                '{}', @Fund, @Resolves, @Reference, '张三', '王五', '李四', @At, @At)
            """,
            entries.Where(row => row.Kind == "pay"), transaction);
        connection.Execute("INSERT INTO claim_limits (claim_id, limit_key, scope, ceiling_fen, on_day) SELECT id, 'xining-2020/buyer/' || contract_id, 'award', amount_fen, '2026-01-01' FROM claims", transaction: transaction);
        transaction.Commit();
    }

    /// <summary>The values of the entries, each hashed once, and those of the claims and their limits.</summary>
    static void Bare(string connectionString)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var claims = new SqliteCommand("SELECT id, state, amount_fen, reference, recovered_fen, payee_id FROM claims WHERE fund_id = @fund", connection);
        claims.Parameters.AddWithValue("@fund", Fund);
        using (var found = claims.ExecuteReader())
        {
            while (found.Read())
            {
                _ = (found.GetString(0), found.GetString(1), found.GetInt64(2), found.GetString(3), found.GetInt64(4), found.GetString(5));
            }
        }

        using var limits = new SqliteCommand("SELECT limit_key, from_day, until_day, ceiling_fen FROM claim_limits", connection);
        using (var found = limits.ExecuteReader())
        {
            while (found.Read())
            {
                _ = (found.GetString(0), found.IsDBNull(1), found.IsDBNull(2), found.GetInt64(3));
            }
        }

        using var command = new SqliteCommand("SELECT * FROM ledger_entries WHERE fund_id = @fund ORDER BY entry_number", connection);
        command.Parameters.AddWithValue("@fund", Fund);
        using var rows = command.ExecuteReader();
        var text = new byte[4096];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        while (rows.Read())
        {
            var length = 0;
            for (var i = 0; i < rows.FieldCount; i++)
            {
                if (!rows.IsDBNull(i))
                {
                    length += Encoding.UTF8.GetBytes(rows.GetString(i), text.AsSpan(length));
                }
            }

            SHA256.HashData(text.AsSpan(0, length), hash);
        }
    }
}
