using System.Globalization;
using Marketplace.Api.Data;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>A limit that a claim was computed under, as it is stored with it.</summary>
public record ClaimLimit
{
    /// <summary>What is counted together.</summary>
    public string LimitKey { get; init; } = "";

    /// <summary>What it is counted over, as policies call it; <see cref="OfAward"/> for what an award of a contract comes to.</summary>
    public string Scope { get; init; } = "";

    public long Ceiling { get; init; }

    /// <summary>The governing day of the claim.</summary>
    public DateOnly OnDay { get; init; }

    /// <summary>First day whose claims count; null where all do.</summary>
    public DateOnly? FromDay { get; init; }

    /// <summary>Last day whose claims count; null where all do.</summary>
    public DateOnly? UntilDay { get; init; }

    public const string OfAward = "award";

    /// <summary>The limits of an award of a contract: those of the policy, and that all payees together get what the award comes to.</summary>
    public static IReadOnlyList<ClaimLimit> Of(string policy, AwardEvaluation award, string contract, DateOnly day) =>
    [
        new() { LimitKey = KeyOf(policy, award.Award, contract), Scope = OfAward, Ceiling = (award.Amount ?? award.High)?.Value ?? long.MaxValue, OnDay = day },
        // The text of a key holds names of projects; its hash is as good to compare.
        .. award.Limits.DistinctBy(limit => limit.Key).Select(limit => new ClaimLimit
        {
            LimitKey = Fingerprint.Of(limit.Key), Scope = limit.Key.Split('|')[2], Ceiling = limit.Ceiling.Value, OnDay = day, FromDay = limit.From, UntilDay = limit.Until,
        }),
    ];

    /// <summary>Legible, for the claims of before limits were stored got theirs from a script.</summary>
    public static string KeyOf(string policy, string award, string contract) => $"{policy}/{award}/{contract}";

    internal bool Counts(DateOnly day) => !(day < FromDay) && !(day > UntilDay);
}

/// <summary>A limit with the claim that it is stored with.</summary>
sealed record StoredLimit : ClaimLimit
{
    public string Claim { get; init; } = "";
}

/// <summary>
/// K10: under each limit what is paid and promised and was not given back, to whomever, is no more than the largest ceiling that was stored of it.
/// It is computed from stored rows alone, never from today's policies.
/// </summary>
static class ClaimLimits
{
    /// <summary>A limit with what counts under it.</summary>
    sealed record Use
    {
        public string Scope { get; init; } = "";
        public long Ceiling { get; init; }
        public long Held { get; init; }

        /// <summary>How many other claims under it are being recovered.</summary>
        public int Recovering { get; init; }

        /// <summary>The first and the last of its claims.</summary>
        public string FirstClaim { get; init; } = "";

        public string LastClaim { get; init; } = "";

        public Wording Words => Scope switch
        {
            ClaimLimit.OfAward => new("该合同的奖补总额", "the award of the contract"),
            "contract" => new("按单个合同", "per contract"),
            "project" => new("按单个项目", "per project"),
            "achievement" => new("按单项成果", "per achievement"),
            "officeYear" => new("按登记机构年度", "per registration office and year"),
            _ => new("按单位", "per party"),
        };
    }

    /// <summary>The states in which money is promised to a claim or was paid for it.</summary>
    const string HasMoney = "('approved', 'ordered', 'paid', 'clawbackOpened', 'clawedBack', 'waived')";

    const string Together = "o.limit_key = m.limit_key AND (m.from_day IS NULL OR o.on_day >= m.from_day) AND (m.until_day IS NULL OR o.on_day <= m.until_day)";

    /// <summary>
    /// Refuses to go on with a claim that is more, with all that its limits count, than any of them allows. Steps of claims that count together go
    /// one after the other: each locks the first claim under each limit.
    /// </summary>
    /// <param name="grants">Whether the step promises money that was not promised before: none is while a part is being recovered.</param>
    public static async Task Require(Session session, ClaimRow claim, bool grants = false)
    {
        await session.Lock(
            """
            UPDATE claim_limits SET scope = scope WHERE limit_key IN (SELECT m.limit_key FROM claim_limits m WHERE m.claim_id = @Id)
                AND claim_id = (SELECT MIN(f.claim_id) FROM claim_limits f WHERE f.limit_key = claim_limits.limit_key)
            """,
            claim);
        var uses = await session.List<Use>(
            $"""
            SELECT MIN(m.scope) AS Scope, MAX(o.ceiling_fen) AS Ceiling,
                CAST(SUM(CASE WHEN c.id = m.claim_id OR c.state IN {HasMoney} THEN c.amount_fen - c.recovered_fen ELSE 0 END) AS bigint) AS Held,
                CAST(SUM(CASE WHEN c.state = 'clawbackOpened' AND c.id <> m.claim_id THEN 1 ELSE 0 END) AS int) AS Recovering
            FROM claim_limits m JOIN claim_limits o ON {Together} JOIN claims c ON c.id = o.claim_id
            WHERE m.claim_id = @Id GROUP BY m.limit_key
            """,
            claim);
        if (grants && uses.Exists(use => use.Recovering > 0))
        {
            throw Problems.ClaimFrozen(BeingRecovered);
        }

        if (uses.Count == 0)
        {
            throw Problems.LimitExceeded(new($"申领 {claim.Id} 没有登记限额。", $"The claim {claim.Id} has no limit on record."));
        }

        if (uses.Find(use => use.Held > use.Ceiling) is { } above)
        {
            throw Problems.LimitExceeded(new(
                $"同一限额（{above.Words.Zh}）下已支付、已批准和本次共 {new Fen(above.Held)} 元，登记的上限为 {new Fen(above.Ceiling)} 元。",
                $"With what is paid and promised under the same limit ({above.Words.En}) it comes to {new Fen(above.Held)} yuan; the limit on record is {new Fen(above.Ceiling)}."));
        }
    }

    /// <summary>K10 of the claims that a fund pays, with all that counts together with them.</summary>
    public static async Task<Invariant> Check(Session session, string fund)
    {
        var unlimited = await session.First<string>(
            $"SELECT id FROM claims WHERE fund_id = @fund AND state IN {HasMoney} AND NOT EXISTS (SELECT 1 FROM claim_limits l WHERE l.claim_id = claims.id) ORDER BY id",
            new { fund, take = 1 });
        if (unlimited is [var claim])
        {
            return new("K10", false, $"claim {claim} has no limit on record");
        }

        // Most limits are one claim's alone, and hold where it is within them: only the others are added up.
        var above = await session.First<Use>(
            $"""
            SELECT MIN(o.scope) AS Scope, MAX(o.ceiling_fen) AS Ceiling, MIN(c.id) AS FirstClaim, MAX(c.id) AS LastClaim,
                CAST(SUM(CASE WHEN c.state IN {HasMoney} THEN c.amount_fen - c.recovered_fen ELSE 0 END) AS bigint) AS Held
            FROM (
                SELECT DISTINCT l.limit_key, l.from_day, l.until_day FROM claims f JOIN claim_limits l ON l.claim_id = f.id
                WHERE f.fund_id = @fund AND (f.amount_fen - f.recovered_fen > l.ceiling_fen
                    OR EXISTS (SELECT 1 FROM claim_limits s WHERE s.limit_key = l.limit_key AND s.claim_id <> l.claim_id))
            ) m JOIN claim_limits o ON {Together} JOIN claims c ON c.id = o.claim_id
            GROUP BY m.limit_key, m.from_day, m.until_day
            HAVING SUM(CASE WHEN c.state IN {HasMoney} THEN c.amount_fen - c.recovered_fen ELSE 0 END) > MAX(o.ceiling_fen)
            ORDER BY MIN(c.id)
            """,
            new { fund, take = 1 });
        return above is [var use]
            ? new("K10", false, $"{new Fen(use.Held)} paid and promised under a limit ({use.Scope}) of {new Fen(use.Ceiling)} that claims {use.FirstClaim} to {use.LastClaim} share")
            : new("K10", true, "no limit that a claim was computed under is passed");
    }

    /// <summary>Whether anything that counts under one of these limits is being recovered from anybody.</summary>
    public static async Task<bool> AreRecovering(Session session, IReadOnlyList<ClaimLimit> limits, string claim) =>
        (await session.List<ClaimLimit>(
            """
            SELECT l.limit_key AS LimitKey, l.on_day AS OnDay FROM claim_limits l JOIN claims c ON c.id = l.claim_id
            WHERE l.limit_key IN @keys AND c.state = 'clawbackOpened' AND c.id <> @claim
            """,
            new { keys = limits.Select(limit => limit.LimitKey).ToArray(), claim })).Exists(other => limits.Any(limit => limit.LimitKey == other.LimitKey && limit.Counts(other.OnDay)));

    public static Wording BeingRecovered => new(
        "同一奖补或同一限额下有已支付的部分正在追回，退回之前不再核发。", "What was paid of this award, or under a limit that it shares, is being recovered; nothing more is granted of it until it has come back.");

    /// <summary>Writes the limits that a claim to which no money is promised was just computed under. A larger ceiling of before stays.</summary>
    public static async Task Store(Session session, string claim, IReadOnlyList<ClaimLimit> limits)
    {
        var before = (await session.List<ClaimLimit>("SELECT limit_key AS LimitKey, ceiling_fen AS Ceiling FROM claim_limits WHERE claim_id = @claim", new { claim }))
            .ToDictionary(limit => limit.LimitKey, limit => limit.Ceiling);
        foreach (var gone in before.Keys.Where(key => limits.All(limit => limit.LimitKey != key)))
        {
            await session.Execute("DELETE FROM claim_limits WHERE claim_id = @claim AND limit_key = @gone", new { claim, gone });
        }

        foreach (var limit in limits)
        {
            if (!before.TryGetValue(limit.LimitKey, out var ceiling))
            {
                await Insert(session, claim, limit);
            }
            else
            {
                await session.Execute(
                    "UPDATE claim_limits SET ceiling_fen = @most, on_day = @OnDay, from_day = @FromDay, until_day = @UntilDay WHERE claim_id = @claim AND limit_key = @LimitKey",
                    new { claim, limit.LimitKey, most = Math.Max(ceiling, limit.Ceiling), limit.OnDay, limit.FromDay, limit.UntilDay });
            }
        }
    }

    /// <summary>
    /// A hash of each claim's limits, which its last event holds: a ceiling that is raised in the database would else hide what is paid above it.
    /// </summary>
    public static async Task<Dictionary<string, string>> Hashes(Session session, IReadOnlyCollection<string> claims) =>
        (await session.List<StoredLimit>(
            """
            SELECT claim_id AS Claim, limit_key AS LimitKey, scope AS Scope, ceiling_fen AS Ceiling, on_day AS OnDay, from_day AS FromDay, until_day AS UntilDay
            FROM claim_limits WHERE claim_id IN @claims
            """,
            new { claims })).GroupBy(limit => limit.Claim).ToDictionary(group => group.Key, group => HashOf(group));

    public static string HashOf(IEnumerable<ClaimLimit> limits) => Fingerprint.Of(string.Join('\n', limits.OrderBy(limit => limit.LimitKey, StringComparer.Ordinal)
        .Select(limit => string.Create(CultureInfo.InvariantCulture,
            $"{limit.LimitKey}|{limit.Scope}|{limit.Ceiling}|{limit.OnDay:yyyy-MM-dd}|{limit.FromDay:yyyy-MM-dd}|{limit.UntilDay:yyyy-MM-dd}"))));

    public static Task Insert(Session session, string claim, ClaimLimit limit) => session.Execute(
        """
        INSERT INTO claim_limits (claim_id, limit_key, scope, ceiling_fen, on_day, from_day, until_day)
        VALUES (@claim, @LimitKey, @Scope, @Ceiling, @OnDay, @FromDay, @UntilDay)
        """,
        new { claim, limit.LimitKey, limit.Scope, limit.Ceiling, limit.OnDay, limit.FromDay, limit.UntilDay });

    /// <summary>A decision may come to the high end of its range, which the limits of claims from before do not know.</summary>
    public static Task AllowDecision(Session session, ClaimRow claim, Fen most) => session.Execute(
        "UPDATE claim_limits SET ceiling_fen = @most WHERE claim_id = @Id AND limit_key = @key AND ceiling_fen < @most",
        new { claim.Id, key = ClaimLimit.KeyOf(claim.Policy, claim.Award, claim.Contract), most = most.Value });
}
