using System.Globalization;
using System.Text;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Rules;

namespace Marketplace.Api.Funds;

/// <summary>An entry of a fund's ledger.</summary>
/// <param name="Number">1, 2, 3 … without a gap.</param>
/// <param name="Debit">The account that gives.</param>
/// <param name="Credit">The account that takes.</param>
/// <param name="Resolves">The number of the reservation that ends with it.</param>
/// <param name="Reference">The bank's reference of a payment.</param>
/// <param name="Person">Who answers for it.</param>
/// <param name="Hash">SHA-256 over the hash of the entry before and this entry.</param>
public sealed record EntryView(
    long Number, EntryKind Kind, string Debit, string Credit, Fen Amount, string? Claim, long? Resolves, string? Reference, string? Reason,
    string Person, DateTimeOffset At, string Hash)
{
    internal static EntryView Of(EntryRow row) => new(
        row.Number, CodeNames.TryParse<EntryKind>(row.Kind, out var kind) ? kind : throw new UnreadableException($"ledger_entries {row.Fund} {row.Number}"), row.Debit, row.Credit, new(row.Fen), row.Claim, row.Resolves, row.Reference, row.Reason,
        row.Person, row.At, row.Hash);
}

/// <summary>What the accounts of a fund held at an instant.</summary>
public sealed record Balances(DateTimeOffset At, long Entries, IReadOnlyDictionary<string, Fen> Accounts);

/// <summary>The ledger as a table for people: one entry a line, with what was available after it.</summary>
static class Statement
{
    public const string MediaType = "text/csv";

    public static string Header => "number,at,kind,debit,credit,amount,available,claim,reference,person,reason,hash\r\n";

    public static string Line(EntryRow row, long available) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Number},{row.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'},{row.Kind},{row.Debit},{row.Credit},{new Fen(row.Fen)},{new Fen(available)},{row.Claim},{Cell(row.Reference)},{Cell(row.Person)},{Cell(row.Reason)},{row.Hash}\r\n");

    /// <summary>Quoted where it must be (RFC 4180); a leading sign would be a formula to a spreadsheet, so a text that has one is preceded by an apostrophe.</summary>
    static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : new StringBuilder(safe).Replace("\"", "\"\"").Insert(0, '"').Append('"').ToString();
    }
}
