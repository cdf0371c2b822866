using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Access;

sealed record KeyRow
{
    public const string Valid = "valid";
    public const string Waiting = "waiting";

    public string Id { get; init; } = "";
    public string Party { get; init; } = "";
    public string Person { get; init; } = "";
    public string PersonKey { get; init; } = "";
    public string Roles { get; init; } = "";
    public string Hash { get; init; } = "";
    public string? IssuedBy { get; init; }
    public string? IssuedByKey { get; init; }

    /// <summary>1 until another admin has confirmed it, else 0.</summary>
    public int IsWaiting { get; init; }

    public string? ConfirmedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    public string State => RevokedAt is not null ? "revoked" : IsWaiting == 1 ? Waiting : Valid;

    public KeyView View() => new(Id, State, Party, Roles.Split(' '), Person, IssuedBy, ConfirmedBy, CreatedAt, RevokedAt);
}

static class KeySql
{
    const string Columns =
        """
        id AS Id, party_id AS Party, person AS Person, person_key AS PersonKey, roles AS Roles, issued_by AS IssuedBy, issued_by_key AS IssuedByKey,
        is_waiting AS IsWaiting, confirmed_by AS ConfirmedBy, created_at AS CreatedAt, revoked_at AS RevokedAt
        """;

    sealed record CallerRow
    {
        public string KeyId { get; init; } = "";
        public string Party { get; init; } = "";
        public string PartyKind { get; init; } = "";
        public string Region { get; init; } = "";
        public string Person { get; init; } = "";
        public string PersonKey { get; init; } = "";
        public string Roles { get; init; } = "";

        /// <summary>1 where the party may hold official roles, else 0.</summary>
        public int IsOffice { get; init; }
    }

    public static async Task<Caller?> Caller(Session session, string hash)
    {
        var row = await session.Find<CallerRow>(
            """
            SELECT k.id AS KeyId, k.party_id AS Party, p.kind AS PartyKind, p.region AS Region, k.person AS Person, k.person_key AS PersonKey, k.roles AS Roles,
                CASE WHEN p.kind = 'government' THEN 1 ELSE p.is_office END AS IsOffice
            FROM api_keys k JOIN parties p ON p.id = k.party_id
            WHERE k.key_hash = @hash AND k.revoked_at IS NULL AND k.is_waiting = 0
            """,
            new { hash });
        return row is null ? null : new(row.KeyId, row.Party, row.PartyKind, row.Region, row.Person, row.PersonKey,
            row.Roles.Split(' ').Where(role => row.IsOffice == 1 || !Http.Roles.IsOfficial(role)).ToHashSet());
    }

    public static Task<KeyRow?> Get(Session session, string id) => session.Find<KeyRow>($"SELECT {Columns} FROM api_keys WHERE id = @id", new { id });

    /// <summary>A party's keys, newest first, also those that are revoked.</summary>
    public static Task<List<KeyRow>> List(Session session, string party, string? after, int take) => session.First<KeyRow>(
        $"SELECT {Columns} FROM api_keys WHERE party_id = @party AND id < @after ORDER BY id DESC", new { party, after = after ?? "~", take });

    /// <summary>How many keys of a party are valid or wait to be.</summary>
    public static Task<int> CountStanding(Session session, string party) =>
        session.Single<int>("SELECT COUNT(*) FROM api_keys WHERE party_id = @party AND revoked_at IS NULL", new { party });

    /// <summary>The spelling in which the market knows a person first; null for a new one.</summary>
    public static async Task<string?> Spelling(Session session, string personKey) => (await session.First<string>(
        "SELECT person FROM api_keys WHERE person_key = @personKey ORDER BY created_at, id", new { personKey, take = 1 })).FirstOrDefault();

    /// <summary>Whether at least two persons hold valid keys that may issue keys.</summary>
    public static async Task<bool> HasTwoAdmins(Session session) => (await session.List<string>(
        """
        SELECT k.person_key FROM api_keys k JOIN parties p ON p.id = k.party_id
        WHERE k.roles LIKE '%admin%' AND k.revoked_at IS NULL AND k.is_waiting = 0 AND (p.kind = 'government' OR p.is_office = 1)
        """)).Distinct().Take(2).Count() == 2;

    /// <returns>False when there is a key with this hash.</returns>
    public static Task<bool> Insert(Session session, KeyRow row) => session.TryInsert(
        """
        INSERT INTO api_keys (id, party_id, person, person_key, roles, key_hash, issued_by, issued_by_key, is_waiting, created_at)
        VALUES (@Id, @Party, @Person, @PersonKey, @Roles, @Hash, @IssuedBy, @IssuedByKey, @IsWaiting, @CreatedAt)
        """,
        row);

    /// <summary>A fresh key in place of all that the person held for the party.</summary>
    public static async Task<string> Renew(Session session, TimeProvider clock, string party, string person, IEnumerable<string> roles)
    {
        var key = KeyText.New();
        await Keep(session, clock, party, person, roles, key);
        return key;
    }

    /// <summary>Makes a key valid, new or not, in place of all else that the person held for the party.</summary>
    public static async Task Keep(Session session, TimeProvider clock, string party, string person, IEnumerable<string> roles, string key)
    {
        var (personKey, now) = (PersonName.Key(person), clock.Now());
        if (!await Insert(session, new()
        {
            Id = Ids.New("key", clock), Party = party, Person = await Spelling(session, personKey) ?? person, PersonKey = personKey,
            Roles = string.Join(' ', roles.Distinct()), Hash = KeyText.Hash(key), CreatedAt = now,
        }))
        {
            await Restore(session, KeyText.Hash(key));
        }

        await RevokeOthers(session, party, person, KeyText.Hash(key), now);
    }

    public static Task<int> Revoke(Session session, string id, DateTimeOffset now) =>
        session.Execute("UPDATE api_keys SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL", new { id, now });

    public static Task<int> RevokeHash(Session session, string hash, DateTimeOffset now) =>
        session.Execute("UPDATE api_keys SET revoked_at = @now WHERE key_hash = @hash AND revoked_at IS NULL", new { hash, now });

    /// <returns>False when it no longer waits.</returns>
    public static async Task<bool> Confirm(Session session, string id, Caller by) => await session.Execute(
        """
        UPDATE api_keys SET is_waiting = 0, confirmed_by = @Person, confirmed_by_key = @PersonKey
        WHERE id = @id AND is_waiting = 1 AND revoked_at IS NULL
        """,
        new { id, by.Person, by.PersonKey }) == 1;

    /// <summary>Revokes what the person holds for the party, but for the key with this hash.</summary>
    public static Task<int> RevokeOthers(Session session, string party, string person, string hash, DateTimeOffset now) => session.Execute(
        """
        UPDATE api_keys SET revoked_at = @now
        WHERE party_id = @party AND person_key = @person AND key_hash <> @hash AND revoked_at IS NULL
        """,
        new { party, person = PersonName.Key(person), hash, now });

    /// <summary>The hashes of a person's keys that are not revoked.</summary>
    public static Task<List<string>> Standing(Session session, string person) =>
        session.List<string>("SELECT key_hash FROM api_keys WHERE person_key = @person AND revoked_at IS NULL", new { person = PersonName.Key(person) });

    public static Task<int> Restore(Session session, string hash) =>
        session.Execute("UPDATE api_keys SET revoked_at = NULL WHERE key_hash = @hash", new { hash });
}
