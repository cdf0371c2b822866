using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Introductions;

static class IntroductionSql
{
    const string Columns =
        """
        id AS Id, state AS State, version AS Version, demand_id AS Demand, achievement_id AS Achievement, message AS Message,
        introducer_id AS Introducer, demand_party_id AS DemandParty, other_party_id AS OtherParty, demand_accepted_at AS DemandAcceptedAt,
        other_accepted_at AS OtherAcceptedAt, decline_reason AS DeclineReason, decline_note AS DeclineNote, created_at AS CreatedAt,
        updated_at AS UpdatedAt,
        CASE WHEN EXISTS (SELECT 1 FROM listings l WHERE l.id IN (demand_id, achievement_id) AND l.state = 'removed') THEN 1 ELSE 0 END AS Removed
        """;

    const string IsOpen = "state IN ('sent', 'accepted')";

    const string Concerns = "(demand_party_id = @party OR other_party_id = @party OR introducer_id = @party)";

    public static Task<IntroductionRow?> Get(Session session, string id) =>
        session.Find<IntroductionRow>($"SELECT {Columns} FROM introductions WHERE id = @id", new { id });

    public static Task<List<IntroductionRow>> List(Session session, IntroductionQuery query, Caller caller, string? after, int take)
    {
        List<string> where = ["id < @after"];
        if (!caller.Is(Roles.Auditor))
        {
            where.Add(Concerns);
        }

        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        if (query.Demand is not null)
        {
            where.Add("demand_id = @demand");
        }

        if (query.Achievement is not null)
        {
            where.Add("achievement_id = @achievement");
        }

        return session.First<IntroductionRow>(
            $"SELECT {Columns} FROM introductions WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new { after = after ?? "~", party = caller.Party, state = query.State, demand = query.Demand, achievement = query.Achievement, take });
    }

    /// <returns>False when one of the same two waits for an answer.</returns>
    public static Task<bool> Insert(Session session, IntroductionRow row) => session.TryInsert(
        """
        INSERT INTO introductions (id, state, version, demand_id, achievement_id, message, introducer_id, demand_party_id, other_party_id, pair_slot,
            demand_accepted_at, other_accepted_at, created_at, updated_at)
        VALUES (@Id, @State, @Version, @Demand, @Achievement, @Message, @Introducer, @DemandParty, @OtherParty, @PairSlot,
            @DemandAcceptedAt, @OtherAcceptedAt, @CreatedAt, @UpdatedAt)
        """,
        row);

    /// <summary>The introduction that waits for an answer in the place of another.</summary>
    public static Task<string?> Open(Session session, IntroductionRow row) => session.Find<string>(
        $"""
        SELECT id FROM introductions
        WHERE demand_id = @Demand AND COALESCE(achievement_id, '') = COALESCE(@Achievement, '') AND other_party_id = @OtherParty AND pair_slot = @PairSlot AND {IsOpen}
        """,
        row);

    /// <returns>False when the row is no longer of the version before <paramref name="row"/>'s.</returns>
    public static async Task<bool> Update(Session session, IntroductionRow row) => await session.Execute(
        """
        UPDATE introductions SET state = @State, version = @Version, demand_accepted_at = @DemandAcceptedAt,
            other_accepted_at = @OtherAcceptedAt, decline_reason = @DeclineReason, decline_note = @DeclineNote, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1
        """,
        row) == 1;

    /// <summary>Whether two parties have come together in a mutual introduction.</summary>
    public static async Task<bool> AreMutual(Session session, string one, string other) => await session.Find<string>(
        """
        SELECT id FROM introductions
        WHERE state = 'mutual' AND (demand_party_id = @one OR other_party_id = @one OR introducer_id = @one)
            AND (demand_party_id = @other OR other_party_id = @other OR introducer_id = @other)
            AND NOT EXISTS (SELECT 1 FROM listings l WHERE l.id IN (demand_id, achievement_id) AND l.state = 'removed')
        """,
        new { one, other }) is not null;

    /// <summary>Whether the party takes part in an introduction of the listing that was not declined or withdrawn.</summary>
    public static async Task<bool> ConcernsListing(Session session, string listing, string party) => await session.Find<string>(
        $"SELECT id FROM introductions WHERE (demand_id = @listing OR achievement_id = @listing) AND (state = 'mutual' OR {IsOpen}) AND {Concerns}",
        new { listing, party }) is not null;

    /// <summary>Whether a mutual introduction opens the listing's confidential part to the party: to its two sides, not to a broker.</summary>
    public static async Task<bool> OpensListing(Session session, string listing, string party) => await session.Find<string>(
        """
        SELECT id FROM introductions
        WHERE (demand_id = @listing OR achievement_id = @listing) AND state = 'mutual' AND (demand_party_id = @party OR other_party_id = @party)
        """,
        new { listing, party }) is not null;

    /// <summary>Each demand with an achievement to which a mutual introduction has brought it.</summary>
    public static Task<List<(string Demand, string Achievement)>> MutualPairs(Session session) => session.List<(string, string)>(
        "SELECT demand_id, achievement_id FROM introductions WHERE state = 'mutual' AND achievement_id IS NOT NULL");

    /// <summary>Each demand with an achievement that one side declined because it does not answer the demand.</summary>
    public static Task<List<(string Demand, string Achievement)>> IrrelevantPairs(Session session) => session.List<(string, string)>(
        "SELECT demand_id, achievement_id FROM introductions WHERE state = 'declined' AND achievement_id IS NOT NULL AND decline_reason = @reason",
        new { reason = DeclineReason.NotRelevant.Code() });
}
