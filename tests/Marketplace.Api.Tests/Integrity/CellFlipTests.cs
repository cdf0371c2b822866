using System.Globalization;
using Dapper;
using Marketplace.Api.Data;
using Marketplace.Api.Integrity;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests.Integrity;

/// <summary>
/// One cell altered in the file, past triggers and constraints: the verification names the row. Every column of every row of a market with claims
/// in each state is tried once, then a thousand cells at random. No column is exempt.
/// </summary>
public sealed class CellFlipTests
{
    const int RandomFlips = 1_000;

    /// <summary>The pair that a failure prints repeats one.</summary>
    const int Seed = 20261130;

    static readonly string[] Balances =
        ["appropriation_fen", "available_fen", "reserved_fen", "in_flight_fen", "paid_fen", "returned_fen", "last_entry", "last_hash"];

    /// <param name="Key">Its key's columns and their values.</param>
    sealed record Cell(string Table, (string Column, object Value)[] Key, string Column, bool IsText, bool MayBeEmpty, object? Value)
    {
        public override string ToString() => $"{Table}.{Column} of {string.Join(' ', Key.Select(part => part.Value))} = {Value}";
    }

    [Test]
    public async Task Every_altered_cell_of_ledger_claims_bases_limits_events_and_balances_is_named()
    {
        await using var market = await Market.Apart(Databases.Sqlite);
        await Populate(market);
        var db = market.Services.GetRequiredService<Db>();
        Assert.That((await Verification.Run(db)).Altered, Is.Empty, "before");
        await using var file = new SqliteConnection($"{market.Database.ConnectionString};Foreign Keys=False;Pooling=False");
        await file.OpenAsync();
        await file.ExecuteAsync("PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF;");
        foreach (var trigger in await file.QueryAsync<string>("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        {
            await file.ExecuteAsync($"DROP TRIGGER {trigger}");
        }

        var cells = new List<Cell>();
        foreach (var (table, columns) in new (string, string[]?)[] { ("ledger_entries", null), ("claims", null), ("claim_bases", null), ("claim_limits", null), ("events", null), ("funds", Balances), ("event_head", null) })
        {
            cells.AddRange(await Cells(file, table, columns));
        }

        // As many as were tried by hand, at least.
        Assert.That((Count("ledger_entries"), Count("claims"), Count("events")), Is.EqualTo((true, true, true)), string.Join(", ", cells.CountBy(cell => cell.Table)));
        var (random, missed) = (new Random(Seed), new List<string>());
        // The events are many, and each is like the others: every column of some.
        var some = cells.Where(cell => cell.Table == "events").Select(cell => cell.Key[0].Value).Distinct().Where((_, i) => i % 20 == 0).ToHashSet();
        foreach (var cell in cells.Where(cell => cell.Table != "events" || some.Contains(cell.Key[0].Value)))
        {
            await Try(cell, first: true);
        }

        for (var i = 0; i < RandomFlips; i++)
        {
            await Try(cells[random.Next(cells.Count)], first: false);
        }

        Assert.That(missed, Is.Empty, $"seed {Seed}");
        Assert.That((await Verification.Run(db)).Altered, Is.Empty, "after everything was put back");

        bool Count(string table) => cells.Count(cell => cell.Table == table) >= table switch { "ledger_entries" => 109, "claims" => 39, _ => 44 };

        async Task Try(Cell cell, bool first)
        {
            var altered = Altered(cell, random, first);
            await Set(file, cell, cell.Key, altered);
            try
            {
                var report = await Verification.Run(db);
                if (!report.Altered.Any(record => Names($"{record.Record}: {record.Message.En}", cell, altered)))
                {
                    missed.Add($"{cell} → {altered ?? "NULL"}: {string.Join(" | ", report.Altered.Select(record => $"{record.Record}: {record.Message.En}"))}");
                }
            }
            finally
            {
                await Set(file, cell, [.. cell.Key.Select(part => part.Column == cell.Column ? (part.Column, altered!) : part)], cell.Value);
            }
        }
    }

    /// <summary>Whether a line of the verification leads to the row.</summary>
    static bool Names(string line, Cell cell, object? altered)
    {
        string[] names = cell.Table switch
        {
            "ledger_entries" => [$"funds {cell.Key[0].Value}: .*\\b(entry|ledger_entries \\S+|from|are) {cell.Key[1].Value}\\b"],
            "claim_bases" or "claim_limits" => [$"claims {cell.Key[0].Value}"],
            "events" => [$"events {cell.Key[0].Value}", $"events {Sequence(cell)}:"],
            "event_head" => ["event_head 1", "^events \\d+: .* missing"],
            _ => [$"{cell.Table} {cell.Key[0].Value}"],
        };
        return names.Append(cell.Column == "id" ? $"{cell.Table} {altered}" : names[0]).Any(name => System.Text.RegularExpressions.Regex.IsMatch(line, name));
    }

    static readonly Dictionary<object, object> Sequences = [];

    static object Sequence(Cell cell) => Sequences[cell.Key[0].Value];

    static object? Altered(Cell cell, Random random, bool first)
    {
        if (cell.Value is null)
        {
            return cell.IsText ? first ? "x" : "" : 1L;
        }

        if (!first && cell.MayBeEmpty && random.Next(4) == 0)
        {
            return null;
        }

        if (!cell.IsText)
        {
            // What is unique stays so.
            return (long)cell.Value + (first ? 100_000 : random.NextInt64(1, 1L << 40) * (random.Next(2) == 0 ? 100_000 : -100_000));
        }

        var text = ((string)cell.Value).ToCharArray();
        if (text.Length == 0)
        {
            return "x";
        }

        var at = first ? text.Length - 1 : random.Next(text.Length);
        text[at] = text[at] == '7' ? '8' : '7';
        return new string(text);
    }

    static Task Set(SqliteConnection file, Cell cell, (string Column, object Value)[] key, object? value)
    {
        var parameters = new DynamicParameters(new { value });
        foreach (var (column, of) in key)
        {
            parameters.Add($"key_{column}", of);
        }

        return file.ExecuteAsync($"UPDATE {cell.Table} SET {cell.Column} = @value WHERE {string.Join(" AND ", key.Select(part => $"{part.Column} = @key_{part.Column}"))}", parameters);
    }

    static async Task<List<Cell>> Cells(SqliteConnection file, string table, string[]? columns)
    {
        var known = (await file.QueryAsync<(string Name, string Type, long NotNull, long Key)>("SELECT name, type, \"notnull\", pk FROM pragma_table_info(@table)", new { table })).ToList();
        var found = new List<Cell>();
        foreach (IDictionary<string, object?> row in await file.QueryAsync($"SELECT * FROM {table}"))
        {
            var key = known.Where(column => column.Key > 0).OrderBy(column => column.Key).Select(column => (column.Name, row[column.Name]!)).ToArray();
            if (table == "events")
            {
                Sequences[row["id"]!] = row["sequence"]!;
            }

            found.AddRange(known.Where(column => columns?.Contains(column.Name) != false && (table != "event_head" || column.Name != "id"))
                .Select(column => new Cell(table, key, column.Name, column.Type == "TEXT", column.NotNull == 0 && column.Key == 0, row[column.Name])));
        }

        return found;
    }

    /// <summary>Claims in each state, with the ledger that they leave.</summary>
    static async Task Populate(Market market)
    {
        const string region = "630102";
        var office = await market.Office();
        await market.OpenFund(1_000_000, region);
        string[] paid = ["recommend", "approve", "order", "confirm-paid"];
        foreach (var steps in new string[][]
        {
            [], ["return"], ["reject"], ["withdraw"], ["recommend"], [.. paid[..2]], [.. paid[..2], "lapse"], [.. paid[..3]], [.. paid[..3], "fail-payment"],
            paid, [.. paid, "open-clawback"], [.. paid, "open-clawback", "claw-back"], [.. paid, "open-clawback", "waive"],
        })
        {
            var claim = await market.SubmittedClaim(region: region);
            foreach (var step in steps)
            {
                var who = step switch
                {
                    "recommend" or "return" or "reject" => office.Reviewer,
                    "withdraw" => claim.Claimant,
                    "approve" => office.Approver,
                    "lapse" or "open-clawback" => office.Manager,
                    "claw-back" or "waive" => office.OtherApprover,
                    _ => office.Payer,
                };
                object body = step switch
                {
                    "confirm-paid" => new { reference = string.Create(CultureInfo.InvariantCulture, $"ICBC-{claim.Id}") },
                    "recommend" or "approve" or "order" => new { },
                    _ => new { reason = "按规定办理" },
                };
                await who.PostJson($"claims/{claim.Id}/{step}", body, Market.NewKey()).Json();
            }
        }
    }
}
