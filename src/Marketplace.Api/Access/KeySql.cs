using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Access;

static class KeySql
{
    sealed record CallerRow
    {
        public string KeyId { get; init; } = "";
        public string Party { get; init; } = "";
        public string PartyKind { get; init; } = "";
        public string Region { get; init; } = "";
        public string Person { get; init; } = "";
        public string Roles { get; init; } = "";
    }

    public static async Task<Caller?> Caller(Session session, string hash)
    {
        var row = await session.Find<CallerRow>(
            """
            SELECT k.id AS KeyId, k.party_id AS Party, p.kind AS PartyKind, p.region AS Region, k.person AS Person, k.roles AS Roles
            FROM api_keys k JOIN parties p ON p.id = k.party_id
            WHERE k.key_hash = @hash AND k.revoked_at IS NULL
            """,
            new { hash });
        return row is null ? null : new(row.KeyId, row.Party, row.PartyKind, row.Region, row.Person, row.Roles.Split(' ').ToHashSet());
    }

    public static Task<bool> Insert(
        Session session, string id, string party, string person, IEnumerable<string> roles, string hash, DateTimeOffset now) =>
        session.TryInsert(
            """
            INSERT INTO api_keys (id, party_id, person, roles, key_hash, created_at)
            VALUES (@id, @party, @person, @roles, @hash, @now)
            """,
            new { id, party, person, roles = string.Join(' ', roles.Distinct()), hash, now });

    /// <summary>A fresh key in place of all that the person held for the party.</summary>
    public static async Task<string> Renew(Session session, TimeProvider clock, string party, string person, IEnumerable<string> roles)
    {
        var key = KeyText.New();
        var now = clock.Now();
        await Insert(session, Ids.New("key", clock), party, person, roles, KeyText.Hash(key), now);
        await RevokeOthers(session, party, person, KeyText.Hash(key), now);
        return key;
    }

    /// <returns>The party whose key it was, or null where there is no such key.</returns>
    public static Task<string?> PartyOf(Session session, string id) =>
        session.Find<string>("SELECT party_id FROM api_keys WHERE id = @id", new { id });

    public static Task<int> Revoke(Session session, string id, DateTimeOffset now) =>
        session.Execute("UPDATE api_keys SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL", new { id, now });

    /// <summary>Revokes what the person holds for the party, but for the key with this hash.</summary>
    public static Task<int> RevokeOthers(Session session, string party, string person, string hash, DateTimeOffset now) => session.Execute(
        """
        UPDATE api_keys SET revoked_at = @now
        WHERE party_id = @party AND person = @person AND key_hash <> @hash AND revoked_at IS NULL
        """,
        new { party, person, hash, now });

    /// <summary>The hashes of a person's keys that are not revoked.</summary>
    public static Task<List<string>> Standing(Session session, string person) =>
        session.List<string>("SELECT key_hash FROM api_keys WHERE person = @person AND revoked_at IS NULL", new { person });

    public static Task<int> Restore(Session session, string hash) =>
        session.Execute("UPDATE api_keys SET revoked_at = NULL WHERE key_hash = @hash", new { hash });
}
