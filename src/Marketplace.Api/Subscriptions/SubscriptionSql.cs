using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Subscriptions;

static class SubscriptionSql
{
    const string Columns =
        """
        id AS Id, state AS State, version AS Version, owner_id AS Owner, side AS Side, content AS Content, watched_from AS WatchedFrom,
        created_at AS CreatedAt, updated_at AS UpdatedAt
        """;

    /// <summary>What the search needs: texts alone, so that no value of another kind in a row can stop the reading of many.</summary>
    const string Watching = "id AS Id, state AS State, owner_id AS Owner, side AS Side, content AS Content, watched_from AS WatchedFrom";

    public static Task<SubscriptionRow?> Get(Session session, string id) =>
        session.Find<SubscriptionRow>($"SELECT {Columns} FROM subscriptions WHERE id = @id", new { id });

    /// <summary>Those of the caller's party, newest first; an auditor sees all.</summary>
    public static Task<List<SubscriptionRow>> List(Session session, SubscriptionQuery query, Caller caller, string? after, int take)
    {
        List<string> where = ["id < @after"];
        if (!caller.Is(Roles.Auditor))
        {
            where.Add("owner_id = @party");
        }

        if (query.State is not null)
        {
            where.Add("state = @state");
        }

        return session.First<SubscriptionRow>(
            $"SELECT {Columns} FROM subscriptions WHERE {string.Join(" AND ", where)} ORDER BY id DESC",
            new { after = after ?? "~", party = caller.Party, state = query.State, take });
    }

    /// <summary>Those that look on one side, in order of id.</summary>
    public static Task<List<SubscriptionRow>> Active(Session session, string side, string after, int take) => session.First<SubscriptionRow>(
        $"SELECT {Watching} FROM subscriptions WHERE state = 'active' AND side = @side AND id > @after ORDER BY id", new { side, after, take });

    /// <summary>The bound is on work, not on right: of two that come at once to a server's last free place both may get in.</summary>
    /// <returns>False when the owner has <paramref name="most"/> that are not cancelled.</returns>
    public static async Task<bool> Insert(Session session, SubscriptionRow row, int most) => await session.Execute(
        """
        INSERT INTO subscriptions (id, state, version, owner_id, side, content, watched_from, created_at, updated_at)
        SELECT @Id, @State, @Version, @Owner, @Side, @Content, @WatchedFrom, @CreatedAt, @UpdatedAt
        WHERE (SELECT COUNT(*) FROM subscriptions WHERE owner_id = @Owner AND state <> 'cancelled') < @most
        """,
        new { row.Id, row.State, row.Version, row.Owner, row.Side, row.Content, row.WatchedFrom, row.CreatedAt, row.UpdatedAt, most }) == 1;

    /// <returns>False when the row is no longer of the version before <paramref name="row"/>'s.</returns>
    public static async Task<bool> Update(Session session, SubscriptionRow row) => await session.Execute(
        """
        UPDATE subscriptions SET state = @State, version = @Version, side = @Side, content = @Content, updated_at = @UpdatedAt
        WHERE id = @Id AND version = @Version - 1
        """,
        row) == 1;

    public static Task<int> WatchFrom(Session session, string id, string happened) =>
        session.Execute("UPDATE subscriptions SET watched_from = @happened WHERE id = @id", new { id, happened });

    /// <returns>False when the subscription found the listing before.</returns>
    public static Task<bool> Record(Session session, FoundRow row) => session.TryInsert(
        """
        INSERT INTO subscription_matches (id, subscription_id, listing_id, score, found_at)
        VALUES (@Id, @Subscription, @Listing, @Score, @FoundAt)
        """,
        row);

    /// <summary>What a subscription found, newest first.</summary>
    public static Task<List<FoundRow>> Found(Session session, string subscription, string? after, int take) => session.First<FoundRow>(
        """
        SELECT id AS Id, subscription_id AS Subscription, listing_id AS Listing, score AS Score, found_at AS FoundAt
        FROM subscription_matches WHERE subscription_id = @subscription AND id < @after ORDER BY id DESC
        """,
        new { subscription, after = after ?? "~", take });

    /// <summary>A party's subscriptions that found a listing.</summary>
    public static Task<List<SubscriptionRow>> ThatFound(Session session, string owner, string listing) => session.List<SubscriptionRow>(
        $"""
        SELECT {Columns} FROM subscriptions
        WHERE owner_id = @owner AND id IN (SELECT subscription_id FROM subscription_matches WHERE listing_id = @listing) ORDER BY id
        """,
        new { owner, listing });

    /// <summary>The last event that every subscription has been served with.</summary>
    public static Task<long> Served(Session session) => session.Single<long>("SELECT served_sequence FROM subscription_head WHERE id = 1");

    /// <summary>Moves it on; never back, where another process was faster.</summary>
    public static Task<int> MoveServed(Session session, long to) =>
        session.Execute("UPDATE subscription_head SET served_sequence = @to WHERE id = 1 AND served_sequence < @to", new { to });
}
