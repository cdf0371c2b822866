using System.Globalization;
using System.Security.Cryptography;
using System.Text.Unicode;
using Marketplace.Api.Codes;
using Marketplace.Rules;

namespace Marketplace.Api.Funds;

// 台账: double entry. Each entry takes a sum from one account of a fund and gives it to another, is numbered without gaps, hashed over the
// entry before it, and never changed: what was wrong is put right by a further entry. A reservation is money promised and not yet gone;
// it ends exactly once, by payment or by release.

/// <summary>What moves money.</summary>
public enum EntryKind
{
    [Label("预算安排", "Appropriation")] Appropriate,
    [Label("预算追加", "Increase of the budget")] Increase,
    [Label("预算核减", "Cut of the budget")] Cut,
    [Label("结转转入", "Carried in from the year before")] CarryIn,
    [Label("结转转出", "Carried out to a later year")] CarryOut,
    [Label("收回", "Given back at the close")] GiveBack,
    [Label("额度预留", "Reserved for an approved claim")] Reserve,
    [Label("预留释放", "Reservation released")] Release,
    [Label("支付指令", "Payment ordered")] Order,
    [Label("支付失败", "Payment failed")] Fail,
    [Label("支付确认", "Payment confirmed")] Pay,
    [Label("追回", "Recovered from a payee")] Return,
    [Label("追回缴库", "Recovered after the close, for the treasury")] Surrender,
}

/// <summary>An account of a fund. What an award's payee was paid is an account for each payee.</summary>
static class Accounts
{
    /// <summary>Where the fund's money comes from and goes back to; the one account that may be overdrawn, by what the fund was given.</summary>
    public const string Appropriation = "appropriation";

    public const string Available = "available";
    public const string Reserved = "reserved";
    public const string InFlight = "inFlight";

    /// <summary>Where recovered money comes from; overdrawn by what was recovered.</summary>
    public const string Returned = "returned";

    public static string Paid(string party) => $"paid:{party}";

    public static bool IsPaidTo(string account, string party) => IsPaid(account) && account.AsSpan("paid:".Length).SequenceEqual(party);

    public static bool IsPaid(string account) => account.StartsWith("paid:", StringComparison.Ordinal);

    /// <summary>From where to where each kind of entry moves money.</summary>
    public static (string Debit, string Credit) Of(EntryKind kind, string? payee) => kind switch
    {
        EntryKind.Appropriate or EntryKind.Increase or EntryKind.CarryIn => (Appropriation, Available),
        EntryKind.Cut or EntryKind.CarryOut or EntryKind.GiveBack => (Available, Appropriation),
        EntryKind.Reserve => (Available, Reserved),
        EntryKind.Release => (Reserved, Available),
        EntryKind.Order => (Reserved, InFlight),
        EntryKind.Fail => (InFlight, Reserved),
        EntryKind.Pay => (InFlight, Paid(payee!)),
        EntryKind.Return => (Returned, Available),
        EntryKind.Surrender => (Returned, Appropriation),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

static class Ledger
{
    /// <summary>99,999,999,999,999.99 yuan: the largest sum that the API writes, and so the most that a fund is given.</summary>
    public const long LargestFen = 9_999_999_999_999_999;
}

/// <summary>What is to be moved.</summary>
/// <param name="Fund">Id of the fund.</param>
/// <param name="Kind">Decides the accounts.</param>
/// <param name="Amount">More than nothing.</param>
/// <param name="Person">Who answers for it.</param>
sealed record Movement(string Fund, EntryKind Kind, Fen Amount, string Person)
{
    public string? Claim { get; init; }

    /// <summary>Who is paid, where somebody is.</summary>
    public string? Payee { get; init; }

    /// <summary>What must be left over where it is taken from.</summary>
    public Fen Leaving { get; init; }

    /// <summary>The number of the reservation that ends hereby.</summary>
    public long? Resolves { get; init; }

    /// <summary>The bank's reference; no two payments have the same.</summary>
    public string? Reference { get; init; }

    public string? Reason { get; init; }
}

/// <summary>An entry as it is kept.</summary>
public sealed record EntryRow
{
    public string Fund { get; init; } = "";
    public long Number { get; init; }
    public string Kind { get; init; } = "";
    public string Debit { get; init; } = "";
    public string Credit { get; init; } = "";
    public long Fen { get; init; }
    public string? Claim { get; init; }
    public long? Resolves { get; init; }
    public string? Reference { get; init; }
    public string? Reason { get; init; }
    public string Person { get; init; } = "";
    public DateTimeOffset At { get; init; }
    public string Hash { get; init; } = "";

    /// <summary>The hash of the entry before it, empty for the first; only where it was asked for.</summary>
    public string Previous { get; init; } = "";

    /// <summary>SHA-256 over the hash of the entry before and every member of this one.</summary>
    public string HashAfter(string previous)
    {
        using var hasher = SHA256.Create();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HashAfter(previous, hasher, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Whether the hash that is kept is this entry's after the one before.</summary>
    /// <param name="previous">The hash of the entry before.</param>
    /// <param name="hasher">For many entries in turn: making one costs as much as hashing several.</param>
    public bool IsHashedAfter(string previous, SHA256 hasher)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<char> text = stackalloc char[2 * SHA256.HashSizeInBytes];
        HashAfter(previous, hasher, hash);
        return Convert.TryToHexStringLower(hash, text, out _) && text.SequenceEqual(Hash);
    }

    // What is hashed never changes: the ledgers of past years must verify.
    void HashAfter(string previous, SHA256 hasher, Span<byte> hash)
    {
        const int usual = 1024;
        Span<byte> text = stackalloc byte[usual];
        int length;
        while (!Utf8.TryWrite(text, CultureInfo.InvariantCulture,
            $"{previous}\n{Fund}\n{Number}\n{Kind}\n{Debit}\n{Credit}\n{Fen}\n{Claim}\n{Resolves}\n{Reference}\n{At.ToUnixTimeMilliseconds()}\n{Person.Length}:{Person}\n{Reason}",
            out length))
        {
            text = new byte[4 * text.Length];
        }

        hasher.TryComputeHash(text[..length], hash, out _);
    }
}
