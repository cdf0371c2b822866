using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Marketplace.Api.Claims;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Rules;

namespace Marketplace.Api.Funds;

/// <param name="Name">K1 to K10.</param>
/// <param name="Holds">Whether it does.</param>
/// <param name="Detail">What was counted, or where it fails.</param>
public sealed record Invariant(string Name, bool Holds, string Detail);

/// <param name="CheckedAt">When everything was computed again from the entries.</param>
public sealed record InvariantReport(DateTimeOffset CheckedAt, IReadOnlyList<Invariant> Invariants);

/// <summary>What must hold of a fund at any moment, computed again from its entries and claims (lifecycles: K1–K10).</summary>
static class LedgerCheck
{
    /// <summary>A claim as the check needs it.</summary>
    sealed record ClaimPosition
    {
        public string Id { get; init; } = "";
        public string State { get; init; } = "";
        public long Fen { get; init; }
        public string? Reference { get; init; }
        public long Recovered { get; init; }
        public string Payee { get; init; } = "";
    }

    public static async Task<IReadOnlyList<Invariant>> Of(Session session, FundRow fund)
    {
        var invariants = await OfLedger(session, fund);
        var (altered, old) = await Altered(session, fund);
        return [.. invariants.Select(invariant => invariant.Name != "K5" ? invariant
            : altered is not null ? invariant with { Holds = false, Detail = invariant.Holds ? altered : $"{invariant.Detail}; {altered}" }
            : old > 0 ? invariant with { Detail = $"{invariant.Detail}; {old} of them were last stored before events held digests: payee and persons of these are not compared" }
            : invariant), await ClaimLimits.Check(session, fund.Id)];
    }

    /// <summary>The entries, and whether the claims stand where they put them; the claims' own rows are not held against their events.</summary>
    public static async Task<IReadOnlyList<Invariant>> OfLedger(Session session, FundRow fund)
    {
        using var fold = new LedgerFold(fund.Id);
        try
        {
            await foreach (var entry in LedgerSql.All(session, fund.Id))
            {
                // What was written since the fund was read is not its state.
                if (entry.Number > fund.LastEntry)
                {
                    break;
                }

                fold.Add(entry);
            }
        }
        catch (UnreadableException unreadable)
        {
            fold.Stop(unreadable.Record);
        }

        try
        {
            var claims = await session.List<ClaimPosition>(
                """
                SELECT id AS Id, state AS State, amount_fen AS Fen, reference AS Reference, recovered_fen AS Recovered, payee_id AS Payee
                FROM claims WHERE fund_id = @Id
                """,
                fund);
            return Judge(fund, fold, claims);
        }
        catch (UnreadableException unreadable)
        {
            return [.. Judge(fund, fold, []).Select(invariant => invariant.Name is "K5" or "K6" ? invariant with { Holds = false, Detail = unreadable.Message } : invariant)];
        }
    }

    /// <summary>The claims of a fund that are not what their last events recorded, and how many have no digest to be held against.</summary>
    static async Task<(string? Altered, int Old)> Altered(Session session, FundRow fund)
    {
        const int page = 500, most = 20;
        var (after, old, faults) = ("", 0, new List<string>());
        List<CheckedClaim> claims;
        do
        {
            claims = await ClaimCheck.Next(session, fund.Id, after, page);
            old += claims.Count(claim => !claim.HasDigest);
            faults.AddRange(claims.Where(claim => claim.Fault is not null).Select(claim => claim.Fault!.Value.En.TrimEnd('.')));
            after = claims.Count > 0 ? claims[^1].Id : after;
        }
        while (claims.Count == page);
        return (faults.Count == 0 ? null : string.Join("; ", faults.Take(most)) + (faults.Count > most ? $"; {faults.Count - most} more" : ""), old);
    }

    static List<Invariant> Judge(FundRow fund, LedgerFold fold, List<ClaimPosition> claims)
    {
        var (appropriation, available) = (-fold[Accounts.Appropriation], fold[Accounts.Available]);
        var (reserved, inFlight, paid, returned) = (fold[Accounts.Reserved], fold[Accounts.InFlight], fold.Paid, -fold[Accounts.Returned]);
        var misplaced = claims.FirstOrDefault(claim => fold.Position(claim.Id) != Expected(claim.State, claim.Fen, claim.Recovered));
        // Counted first: a set of all claims is needed only where one is missing.
        var strange = claims.Count(claim => fold.Position(claim.Id) != default) == fold.Holding.Count() ? null
            : fold.Holding.Except(claims.Select(claim => claim.Id)).First();
        var elsewhere = claims.FirstOrDefault(claim => fold.PaidTo(claim.Id) is { } account && !Accounts.IsPaidTo(account, claim.Payee));
        var unpaid = claims.FirstOrDefault(claim => (claim.Reference is not null) != (fold.PaidReference(claim.Id) is not null)
            || claim.Reference != fold.PaidReference(claim.Id));
        return
        [
            new("K1", fold.Sum == 0, $"sum of all accounts {new Fen(fold.Sum)}"),
            new("K2", fold.LeastAvailable >= 0, $"least ever available {new Fen(fold.LeastAvailable)}"),
            new("K3", reserved + inFlight + paid - returned <= appropriation,
                $"reserved {new Fen(reserved)} + in flight {new Fen(inFlight)} + paid {new Fen(paid)} - returned {new Fen(returned)}, appropriation {new Fen(appropriation)}"),
            new("K4", fold.ReservationFault is null, fold.ReservationFault ?? $"{fold.Reservations} reservations, {fold.Open} open"),
            new("K5", misplaced is null && strange is null && elsewhere is null,
                elsewhere is not null ? $"claim {elsewhere.Id} is {elsewhere.Payee}'s, the ledger has paid into {fold.PaidTo(elsewhere.Id)}"
                : misplaced is not null ? $"claim {misplaced.Id} is {misplaced.State}, the ledger has {fold.Position(misplaced.Id)}"
                : strange is not null ? $"claim {strange} is not of this fund, the ledger has {fold.Position(strange)}"
                : $"{claims.Count} claims stand where the ledger has them"),
            new("K6", unpaid is null && fold.ReferenceFault is null, fold.ReferenceFault ?? (unpaid is null ? $"{fold.Payments} payments, each with a reference of its own" : $"claim {unpaid.Id} and its payment have different references")),
            new("K7", Same(), $"{fold.LastEntry} entries folded, {fund.LastEntry} counted"),
            new("K8", fold.ChainFault is null && fold.LastHash == fund.LastHash, fold.ChainFault ?? (fold.LastHash == fund.LastHash ? "every hash verifies"
                : $"the hash of entry {fold.LastEntry} is not that of entry {fund.LastEntry}, the fund's last")),
            new("K9", fold.GapFault is null && fold.LastEntry == fund.LastEntry, fold.GapFault
                ?? (fold.LastEntry < fund.LastEntry ? $"entry {fold.LastEntry + 1} is missing" : "no entry is missing")),
        ];

        bool Same() => (appropriation, available, reserved, inFlight, paid, returned, fold.LastEntry)
            == (fund.AppropriationFen, fund.AvailableFen, fund.ReservedFen, fund.InFlightFen, fund.PaidFen, fund.ReturnedFen, fund.LastEntry);
    }

    /// <summary>Where the money of a claim must lie.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="fen">What it comes to.</param>
    /// <param name="recovered">What of it was given back.</param>
    public static Position Expected(string state, long fen, long recovered) => state switch
    {
        ClaimLifecycle.Approved => new(Accounts.Reserved, fen),
        ClaimLifecycle.Ordered => new(Accounts.InFlight, fen),
        ClaimLifecycle.Paid or ClaimLifecycle.ClawbackOpened or ClaimLifecycle.Waived or ClaimLifecycle.ClawedBack =>
            new("paid", fen, recovered),
        _ => default,
    };
}

/// <summary>Where a claim's money lies.</summary>
/// <param name="Account">Null while none is set apart.</param>
/// <param name="Fen">How much.</param>
/// <param name="Returned">What of it was recovered.</param>
readonly record struct Position(string? Account, long Fen, long Returned = 0)
{
    public override string ToString() => Account is null ? "nothing set apart" : $"{new Fen(Fen)} {Account}, {new Fen(Returned)} returned";
}

/// <summary>The entries of a fund, added up in their order.</summary>
sealed class LedgerFold(string fund) : IDisposable
{
    readonly SHA256 _hasher = SHA256.Create();
    readonly Dictionary<string, long> _accounts = [];
    readonly Dictionary<string, Standing> _claims = [];
    readonly HashSet<string> _references = [];

    /// <summary>What the entries so far say of a claim.</summary>
    /// <param name="Position">Where its money lies.</param>
    /// <param name="Reservation">The number of its reservation that has not ended.</param>
    /// <param name="Reference">Of its payment.</param>
    /// <param name="PaidTo">The account that it was paid into.</param>
    record struct Standing(Position Position, long? Reservation, string? Reference, string? PaidTo);

    public long this[string account] => _accounts.GetValueOrDefault(account);

    public IReadOnlyDictionary<string, Fen> Balances => _accounts.OrderBy(account => account.Key, StringComparer.Ordinal)
        .ToDictionary(account => account.Key, account => new Fen(account.Value));

    /// <summary>What all payees were paid.</summary>
    public long Paid => _accounts.Where(account => Accounts.IsPaid(account.Key)).Sum(account => account.Value);

    /// <summary>0, for what one account gives another takes.</summary>
    public long Sum => _accounts.Values.Sum();

    public long LastEntry { get; private set; }

    public string LastHash { get; private set; } = "";

    public long LeastAvailable { get; private set; }

    public int Reservations { get; private set; }

    public int Open { get; private set; }

    public int Payments { get; private set; }

    public string? ChainFault { get; private set; }

    public string? GapFault { get; private set; }

    public string? ReservationFault { get; private set; }

    public string? ReferenceFault { get; private set; }

    /// <summary>The claims that money lies anywhere for.</summary>
    public IEnumerable<string> Holding => _claims.Where(claim => claim.Value.Position != default).Select(claim => claim.Key);

    public Position Position(string claim) => _claims.GetValueOrDefault(claim).Position;

    public string? PaidReference(string claim) => _claims.GetValueOrDefault(claim).Reference;

    /// <summary>The account that a claim was paid into, where it was.</summary>
    public string? PaidTo(string claim) => _claims.GetValueOrDefault(claim).PaidTo;

    /// <summary>The entries end with one that cannot be read.</summary>
    public void Stop(string unreadable)
    {
        ChainFault ??= $"{unreadable} cannot be read";
        GapFault ??= $"nothing is known of the entries from {LastEntry + 1} on: {unreadable} cannot be read";
    }

    public void Dispose() => _hasher.Dispose();

    public void Add(EntryRow entry)
    {
        if (entry.Number != LastEntry + 1)
        {
            GapFault ??= $"entry {LastEntry + 1} is missing";
        }

        // The market writes no empty texts, and a hash does not tell them from what is not there.
        if (entry.Fund != fund || entry is { Claim: "" } or { Reference: "" } or { Reason: "" } || !entry.IsHashedAfter(LastHash, _hasher))
        {
            ChainFault ??= $"entry {entry.Number} is not what was hashed";
        }

        (LastEntry, LastHash) = (entry.Number, entry.Hash);
        ref var debited = ref Balance(entry.Debit);
        debited -= entry.Fen;
        if (entry.Debit == Accounts.Available)
        {
            LeastAvailable = Math.Min(LeastAvailable, debited);
        }

        Balance(entry.Credit) += entry.Fen;
        if (entry.Claim is { } claim)
        {
            Place(entry, ref CollectionsMarshal.GetValueRefOrAddDefault(_claims, claim, out _));
        }
    }

    ref long Balance(string account) => ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, account, out _);

    void Place(EntryRow entry, ref Standing claim)
    {
        if (!CodeNames.TryParse<EntryKind>(entry.Kind, out var kind))
        {
            ReservationFault ??= $"entry {entry.Number} is of no known kind";
            return;
        }

        if (kind == EntryKind.Reserve)
        {
            if (claim.Position.Account is not null)
            {
                ReservationFault ??= $"entry {entry.Number} reserves for {entry.Claim} a second time";
            }

            claim.Reservation = entry.Number;
            Reservations++;
            Open++;
        }

        if (entry.Resolves is { } reservation)
        {
            if (claim.Reservation != reservation)
            {
                ReservationFault ??= $"entry {entry.Number} ends reservation {reservation}, which is not open for {entry.Claim}";
            }

            claim.Reservation = null;
            Open--;
        }

        if (kind == EntryKind.Pay)
        {
            Payments++;
            if (entry.Reference is not { } reference || !_references.Add(reference) || claim.Reference is not null)
            {
                ReferenceFault ??= $"entry {entry.Number} pays without a reference of its own, or twice";
            }

            claim.Reference ??= entry.Reference;
            claim.PaidTo ??= entry.Credit;
        }

        claim.Position = kind switch
        {
            EntryKind.Reserve or EntryKind.Fail => new(Accounts.Reserved, entry.Fen),
            EntryKind.Order => new(Accounts.InFlight, entry.Fen),
            EntryKind.Pay => new("paid", entry.Fen),
            EntryKind.Return or EntryKind.Surrender => claim.Position with { Returned = claim.Position.Returned + entry.Fen },
            _ => default,
        };
    }
}
