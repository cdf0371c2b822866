using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>What a claim holds of an award.</summary>
public sealed record GrantedClaim
{
    public string Id { get; init; } = "";
    public string Policy { get; init; } = "";
    public string Award { get; init; } = "";
    public string Contract { get; init; } = "";
    public string? Project { get; init; }
    public string Buyer { get; init; } = "";
    public string Seller { get; init; } = "";
    public string Payee { get; init; } = "";
    public DateOnly? RecognisedOn { get; init; }
    public long Fen { get; init; }

    public Grant ToGrant() => new(Award, new(Fen)) { Contract = Contract, Project = Project, Buyer = Buyer, Seller = Seller, Party = Payee, On = RecognisedOn };
}

/// <summary>The awards whose limits count claims of other contracts than those of one project.</summary>
/// <param name="OfParty">Of these counts whatever the parties of a contract are granted.</param>
/// <param name="OfUnnamed">Of these a contract without a project counts with all of the same two parties within twelve months.</param>
public sealed record SharedLimits(string[] OfParty, string[] OfUnnamed)
{
    /// <param name="policies">Of every period a rule may count for a contract.</param>
    /// <param name="award">
    /// The only one that is asked for, with those that bear on it by what they come to; null for all. What is paid in its place bears on it by what the
    /// contract itself was granted.
    /// </param>
    public static SharedLimits Of(IEnumerable<Policy> policies, string? award = null)
    {
        var (ofParty, ofUnnamed) = (new HashSet<string>(), new HashSet<string>());
        foreach (var rules in policies.SelectMany(policy => policy.Periods).Select(period => period.Rules))
        {
            foreach (var asked in rules.Awards.Where(asked => award is null || asked.Id == award
                || rules.Stacking.Any(rule => rule is not InPlace && rule.Awards.Contains(award) && rule.Awards.Contains(asked.Id))))
            {
                var counted = asked.Scopes.Concat(rules.Stacking.Where(rule => rule.Awards.Contains(asked.Id)).SelectMany(rule => rule.Scopes)).ToList();
                if (counted.Exists(over => over.Scope is Scope.PartyYear or Scope.PartyLifetime or Scope.PartyTitle or Scope.NYears))
                {
                    ofParty.Add(asked.Id);
                }

                if (counted.Exists(over => over is { Scope: Scope.Project, Unnamed: Unnamed.Parties }))
                {
                    ofUnnamed.Add(asked.Id);
                }
            }
        }

        return new([.. ofParty], [.. ofUnnamed]);
    }
}

/// <summary>A reviewed claim that waits for money.</summary>
public sealed record WaitingClaim
{
    public string Id { get; init; } = "";
    public string Policy { get; init; } = "";
    public string Region { get; init; } = "";
    public string Award { get; init; } = "";
    public long Fen { get; init; }
    public DateTimeOffset CompletedAt { get; init; }
}

/// <summary>What the reviewed claims of one policy and region come to.</summary>
public sealed record WaitingSum
{
    public string Policy { get; init; } = "";
    public string Region { get; init; } = "";
    public long Fen { get; init; }
}

static class ClaimSql
{
    const string Columns =
        """
        id AS Id, state AS State, version AS Version, contract_id AS Contract, terms_version AS TermsVersion, policy_id AS Policy,
        policy_version AS PolicyVersion, award AS Award, payee_id AS Payee, part AS Part, amount_fen AS Fen, content AS Content,
        fund_id AS Fund, reservation AS Reservation, reference AS Reference, reference_key AS ReferenceKey, reviewer AS Reviewer, approver AS Approver, payer AS Payer,
        first_approver AS FirstApprover, filed_by AS FiledBy, clawback_by AS ClawbackBy, clawback_decided_by AS ClawbackDecidedBy, backdated AS Backdated, region AS Region, reviewed_at AS ReviewedAt, decision AS Decision, out_of_turn AS OutOfTurn,
        shares AS Shares, paid_at AS PaidAt, subsidy_id AS Subsidy, salt AS Salt, recover_fen AS Recover, recovered_fen AS Recovered, waived_fen AS Waived, reason AS Reason, created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    /// <summary>The claims that take a part: neither given up nor turned down. A lapsed one keeps its number and holds nothing.</summary>
    const string Stands = "state NOT IN ('withdrawn', 'rejected')";

    public const string One = $"SELECT {Columns} FROM claims WHERE id = @id";

    public static Task<ClaimRow?> Get(Session session, string id) => session.Find<ClaimRow>(One, new { id });

    public static Task<List<ClaimRow>> List(Session session, ClaimQuery query, Caller caller, bool seesAll, string? after, int take)
    {
        List<string> where = ["id < @after"];
        if (!seesAll)
        {
            where.Add("payee_id = @party");
        }

        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        if (query.Contract is not null)
        {
            where.Add("contract_id = @contract");
        }

        if (query.Fund is not null)
        {
            where.Add("fund_id = @fund");
        }

        return session.First<ClaimRow>(
            $"SELECT {Columns} FROM claims WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new { after = after ?? "~", party = caller.Party, state = query.State, contract = query.Contract, fund = query.Fund, take });
    }

    /// <summary>The claims of a contract that still stand, in the order of their parts; locked for the rest of the transaction.</summary>
    public static async Task<List<ClaimRow>> LockStanding(Session session, string contract)
    {
        await session.Lock($"UPDATE claims SET version = version WHERE contract_id = @contract AND {Stands}", new { contract });
        return await Standing(session, contract);
    }

    /// <summary>The claims of a contract that still stand, in the order of their parts.</summary>
    public static Task<List<ClaimRow>> Standing(Session session, string contract) => session.List<ClaimRow>(
        $"SELECT {Columns} FROM claims WHERE contract_id = @contract AND {Stands} ORDER BY policy_id, award, payee_id, part", new { contract });

    /// <summary>
    /// What claims hold that limits count together with this contract's: its own, those of its buyer's and its seller's contracts of the same project, and
    /// of the awards whose limits count more than that, whatever they count.
    /// </summary>
    public static Task<List<GrantedClaim>> Granted(Session session, ContractRow contract, SharedLimits shared)
    {
        List<string> together = ["contract_id = @Id"];
        if (contract.ProjectKey is not null)
        {
            together.Add("contract_id IN (SELECT id FROM contracts WHERE (buyer_id = @Buyer OR seller_id = @Seller) AND project_key = @ProjectKey)");
        }

        if (shared.OfParty.Length > 0)
        {
            together.Add("(payee_id IN @parties AND award IN @ofParty)");
        }

        if (shared.OfUnnamed.Length > 0)
        {
            together.Add(
                """
                (award IN @ofUnnamed AND contract_id IN (
                    SELECT id FROM contracts WHERE buyer_id = @Buyer AND seller_id = @Seller AND recognised_on >= @from AND recognised_on <= @until))
                """);
        }

        return session.List<GrantedClaim>(
            $"""
            SELECT claims.id AS Id, policy_id AS Policy, award AS Award, contract_id AS Contract, buyer_id AS Buyer, seller_id AS Seller,
                CASE WHEN project IS NULL AND separated = 1 THEN contract_id ELSE project END AS Project,
                payee_id AS Payee, recognised_on AS RecognisedOn, amount_fen - recovered_fen AS Fen
            FROM claims JOIN contracts ON contracts.id = contract_id
            WHERE claims.{Stands} AND claims.state <> 'lapsed' AND amount_fen > recovered_fen AND ({string.Join(" OR ", together)})
            ORDER BY claims.id
            """,
            new
            {
                contract.Id, contract.Buyer, contract.Seller, contract.ProjectKey, ofParty = shared.OfParty, ofUnnamed = shared.OfUnnamed,
                parties = (string[])[contract.Buyer, contract.Seller, .. contract.Terms.Brokers.Select(broker => broker.Party)],
                from = contract.RecognisedOn?.AddMonths(-12) ?? DateOnly.MinValue, until = contract.RecognisedOn?.AddMonths(12) ?? DateOnly.MaxValue,
            });
    }

    /// <summary>Whether something of a contract, or of its project's, is claimed and neither refused nor given back.</summary>
    public static async Task<bool> AnyOfProject(Session session, ContractRow contract) => (await session.First<string>(
        $"""
        SELECT id FROM claims
        WHERE {Stands} AND state <> 'lapsed' AND (amount_fen IS NULL OR amount_fen > recovered_fen)
            AND (contract_id = @Id OR contract_id IN (SELECT id FROM contracts WHERE buyer_id = @Buyer AND project_key = @ProjectKey))
        ORDER BY id
        """,
        new { contract.Id, contract.Buyer, contract.ProjectKey, take = 1 })).Count > 0;

    /// <summary>All claims for a contract, in the order of their making.</summary>
    public static Task<List<ClaimRow>> OfContract(Session session, string contract) =>
        session.List<ClaimRow>($"SELECT {Columns} FROM claims WHERE contract_id = @contract ORDER BY id", new { contract });

    /// <summary>The reviewed claims, in the order in which their reviews were complete.</summary>
    public static Task<List<WaitingClaim>> Waiting(Session session) => session.List<WaitingClaim>(
        """
        SELECT id AS Id, policy_id AS Policy, region AS Region, award AS Award, amount_fen AS Fen, reviewed_at AS CompletedAt
        FROM claims WHERE state = 'reviewed' ORDER BY reviewed_at, id
        """);

    /// <summary>What the claims come to whose reviews were complete before this one's, by policy and region: few rows, however many wait.</summary>
    public static Task<List<WaitingSum>> WaitingBefore(Session session, ClaimRow claim) => session.List<WaitingSum>(
        """
        SELECT policy_id AS Policy, region AS Region, CAST(SUM(amount_fen) AS bigint) AS Fen
        FROM claims WHERE state = 'reviewed' AND (reviewed_at < @ReviewedAt OR (reviewed_at = @ReviewedAt AND id < @Id)) GROUP BY policy_id, region
        """,
        claim);

    /// <summary>What was paid and not all given back, the newest first.</summary>
    public static Task<List<ClaimRow>> Paid(Session session, SubsidyQuery query, string? after, int take)
    {
        List<string> where = ["subsidy_id IS NOT NULL", "subsidy_id < @after", "amount_fen > recovered_fen"];
        if (query.Policy is not null)
        {
            where.Add("policy_id = @policy");
        }

        if (query.Region is not null)
        {
            where.Add("region LIKE @region");
        }

        if (query.Year is not null)
        {
            where.Add("paid_at >= @from AND paid_at < @to");
        }

        var year = query.Year ?? 2000;
        return session.First<ClaimRow>(
            $"SELECT {Columns} FROM claims WHERE {string.Join(" AND ", where)} ORDER BY subsidy_id DESC",
            new { after = after ?? "~", policy = query.Policy, region = query.Region + "%", from = Clock.YearBegins(year), to = Clock.YearBegins(year + 1), take });
    }

    /// <returns>False when the payee has claimed this award for the contract already.</returns>
    public static async Task<bool> Insert(Session session, ClaimRow row)
    {
        var inserted = await session.TryInsert(
            """
            INSERT INTO claims (id, state, version, contract_id, terms_version, policy_id, policy_version, award, payee_id, part, amount_fen, content,
                region, salt, filed_by, backdated, created_at, updated_at)
            VALUES (@Id, @State, @Version, @Contract, @TermsVersion, @Policy, @PolicyVersion, @Award, @Payee, @Part, @Fen, @Content, @Region, @Salt, @FiledBy, @Backdated,
                @CreatedAt, @UpdatedAt)
            """,
            row);
        if (inserted)
        {
            await session.Execute("INSERT INTO claim_bases (claim_id, content) VALUES (@Id, @Basis)", row);
            foreach (var limit in row.Limits!)
            {
                await ClaimLimits.Insert(session, row.Id, limit);
            }
        }

        return inserted;
    }

    /// <summary>What a claim was computed from, and how.</summary>
    public static async Task<ClaimBasis> Basis(Session session, string claim) => Json.Read<ClaimBasis>(await BasisText(session, claim), $"claim_bases {claim}");

    /// <summary>The same as it is stored, to check its hash.</summary>
    public static async Task<string> BasisText(Session session, string claim) =>
        await session.Find<string>("SELECT content FROM claim_bases WHERE claim_id = @claim", new { claim }) ?? throw new UnreadableException($"claim_bases {claim}");

    /// <summary>The ids of a fund's claims, or of all, after an id.</summary>
    public static Task<List<string>> Ids(Session session, string? fund, string after, int take) => session.First<string>(
        $"SELECT id FROM claims WHERE id > @after{(fund is null ? "" : " AND fund_id = @fund")} ORDER BY id", new { fund, after, take });

    /// <summary>Those of some ids that are claims.</summary>
    public static Task<List<string>> Existing(Session session, IReadOnlyCollection<string> ids) =>
        session.List<string>("SELECT id FROM claims WHERE id IN @ids", new { ids });

    public static Task<List<ClaimRow>> Of(Session session, IReadOnlyCollection<string> ids) =>
        session.List<ClaimRow>($"SELECT {Columns} FROM claims WHERE id IN @ids", new { ids });

    /// <summary>The bases of some claims as they are stored.</summary>
    public static async Task<Dictionary<string, string>> BasisTexts(Session session, IReadOnlyCollection<string> ids) =>
        (await session.List<(string Claim, string Basis)>("SELECT claim_id, content FROM claim_bases WHERE claim_id IN @ids", new { ids }))
            .ToDictionary(row => row.Claim, row => row.Basis);

    /// <returns>False when another payment has the reference, in whatever spelling.</returns>
    public static async Task<bool> TakeReference(Session session, string claim, string reference) => await session.TryExecute(
        "UPDATE claims SET reference_key = @key WHERE id = @claim", new { claim, key = CanonicalName.Of(reference) }) is not null;

    /// <summary>Locks a claim as it was read, for the rest of the transaction.</summary>
    /// <returns>False when somebody has changed it since.</returns>
    public static Task<bool> Lock(Session session, ClaimRow row) =>
        session.Lock("UPDATE claims SET version = version WHERE id = @Id AND version = @Version", row);

    /// <summary>Writes what a locked claim was computed from anew, and under which limits where it has new ones.</summary>
    public static async Task StoreBasis(Session session, ClaimRow row)
    {
        if (row.Limits is not null)
        {
            await ClaimLimits.Store(session, row.Id, row.Limits);
        }

        await session.Execute("UPDATE claims SET policy_version = @PolicyVersion, region = @Region, content = @Content WHERE id = @Id", row);
        await session.Execute("UPDATE claim_bases SET content = @Basis WHERE claim_id = @Id", row);
    }

    /// <summary>Writes everything but what it was computed from.</summary>
    /// <returns>False when the row is no longer of the version before <paramref name="row"/>'s.</returns>
    public static async Task<bool> Update(Session session, ClaimRow row) => await session.Execute(
        """
        UPDATE claims SET state = @State, version = @Version, terms_version = @TermsVersion, amount_fen = @Fen, fund_id = @Fund, reservation = @Reservation, reference = @Reference, reference_key = @ReferenceKey, reviewer = @Reviewer,
            first_approver = @FirstApprover, filed_by = @FiledBy, clawback_by = @ClawbackBy, clawback_decided_by = @ClawbackDecidedBy, backdated = @Backdated, approver = @Approver, payer = @Payer, reviewed_at = @ReviewedAt,
            decision = @Decision, out_of_turn = @OutOfTurn, shares = @Shares, paid_at = @PaidAt, subsidy_id = @Subsidy, recover_fen = @Recover, recovered_fen = @Recovered, waived_fen = @Waived, reason = @Reason,
            updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1
        """,
        row) == 1;
}
